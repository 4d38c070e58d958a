/** Time as a port, so that what waits can be tested without waiting. */
export interface Timers {
  now(): number;
  /** Runs `task` after `delay` milliseconds; returns what cancels it. */
  after(delay: number, task: () => void): () => void;
}

export const browserTimers: Timers = {
  now: () => Date.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
