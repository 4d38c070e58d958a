/** Registers all elements. */
export * from './sync-inspector.js';
export * from './sync-progress.js';
export * from './sync-provider.js';
export * from './sync-queue.js';
export * from './sync-status.js';
export * from './sync-when.js';
