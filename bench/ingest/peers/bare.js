/** The limit: received, parsed, counted. Nothing is kept. */
export async function open() {
  let rows = 0;
  let position;
  return {
    async keep(changes, lsn) {
      rows += changes.length;
      position = lsn;
    },
    stored: async () => ({rows, position}),
  };
}
