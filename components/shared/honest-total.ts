/** A total is the server's guess: once more has come than was to come, it is none. */
export function honestTotal(progress: {received: number; total: number | null}): number | null {
  return progress.total !== null && progress.received <= progress.total ? progress.total : null;
}
