/** Registers all elements. */
export * from './sync-provider.js';
export * from './sync-status.js';
