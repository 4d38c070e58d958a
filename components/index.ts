/** The element classes and what goes with them; nothing is registered by importing this. */

export type {Format, Forms, Text} from './locales/format.js';
export {type LanguageTexts, registerTexts, type TextKey, type Texts} from './locales/texts.js';
export * from './shared/context.js';
export * from './shared/events.js';
export type {LogoutOptions, SyncService} from './shared/service.js';
export {SyncInspector} from './sync-inspector.js';
export {SyncProgress} from './sync-progress.js';
export {SyncProvider} from './sync-provider.js';
export {SyncQueue} from './sync-queue.js';
export {SyncStatus} from './sync-status.js';
export {SyncWhen} from './sync-when.js';
