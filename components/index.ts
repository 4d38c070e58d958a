/** The element classes and what goes with them; nothing is registered by importing this. */

export {en} from './locales/en.js';
export {type Format, formatFor} from './locales/format.js';
export {registerTexts, type Speech, type Texts} from './locales/texts.js';
export * from './shared/context.js';
export * from './shared/events.js';
export type {LogoutOptions, SyncService} from './shared/service.js';
export {SyncProvider} from './sync-provider.js';
export {SyncStatus} from './sync-status.js';
