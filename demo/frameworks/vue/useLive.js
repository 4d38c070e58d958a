import {onScopeDispose, shallowRef} from 'vue';

/** Rows that follow the data; undefined while loading. */
export function useLive(provider, type) {
  const rows = shallowRef();
  onScopeDispose(
    provider.live(type).subscribe(value => {
      rows.value = value;
    }),
  );
  return rows;
}
