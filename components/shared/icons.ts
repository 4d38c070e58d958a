/** The icons: one stroked path each on a grid of 16. Told apart by shape, so that colour is never needed. */

const RING = 'M1.75 8a6.25 6.25 0 1 0 12.5 0a6.25 6.25 0 1 0-12.5 0';

export const icons = {
  saved: `${RING}m3.45.3 2 2 3.7-4.4`,
  sent: `${RING}M8 11V5m-2.4 2.4L8 5l2.4 2.4`,
  waiting: `${RING}M8 4.6V8l2.3 1.5`,
  offline: 'M6.3 3.7A4 4 0 0 1 11.7 6.8a2.8 2.8 0 0 1 2.1 4M11.6 12.3H4.7a2.7 2.7 0 0 1-.6-5.3m-1.8-4.7 11.4 11.4',
  busy: 'M13.7 6.4A5.9 5.9 0 0 0 3.1 4.9M2.3 9.6a5.9 5.9 0 0 0 10.6 1.5M2.8 2v3.1h3.1M13.2 14v-3.1h-3.1',
  person: 'M5.2 5.3a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0M2.7 13.7a5.3 5.3 0 0 1 10.6 0',
  warning: 'M8 2.2 14.3 13.2H1.7ZM8 6.4v3.1M8 11.3v.2',
  paused: `${RING}m4.55-2.2v4.4m3.4-4.4v4.4`,
} as const;

export type IconName = keyof typeof icons;
