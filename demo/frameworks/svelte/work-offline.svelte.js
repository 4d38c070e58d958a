const KEY = 'work-offline:board-svelte';

/** The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it. */
let on = $state(localStorage.getItem(KEY) === 'yes');

window.addEventListener('storage', event => {
  if (event.key === KEY) on = event.newValue === 'yes';
});

export const workOffline = {
  get on() {
    return on;
  },
  set on(value) {
    on = value;
    localStorage.setItem(KEY, on ? 'yes' : 'no');
  },
};
