/** What `<sync-progress>` says. */
export const progressTexts = {
  syncing: 'Syncing…',
  progress: '{n} of {total}',
  rows: {one: '{n} row', other: '{n} rows'},
  /** `time` is a rounded duration. */
  left: 'about {time} left',
};
