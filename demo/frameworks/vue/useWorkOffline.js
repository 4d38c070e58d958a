import {onScopeDispose, ref, watch} from 'vue';

const KEY = 'work-offline:board-vue';

/** The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it. */
export function useWorkOffline() {
  const offline = ref(localStorage.getItem(KEY) === 'yes');
  watch(offline, on => localStorage.setItem(KEY, on ? 'yes' : 'no'));
  const follow = event => {
    if (event.key === KEY) offline.value = event.newValue === 'yes';
  };
  window.addEventListener('storage', follow);
  onScopeDispose(() => window.removeEventListener('storage', follow));
  return offline;
}
