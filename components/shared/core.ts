/** The one door through which elements see the core. Nothing else in this folder imports from `src`. */
export * from '../../src/index.js';
