/**
 * The protocol room: what travels over the WebSocket and in which form. Types, parsing, validation; no behaviour, no
 * state, no imports from elsewhere. The server reads the same files.
 */
export * from './cancellation.js';
export type * from './checkpoint.js';
export type * from './dialect.js';
export * from './errors.js';
export * from './frames.js';
export * from './json.js';
export * from './json-flaws.js';
export * from './lsn.js';
export * from './model.js';
export {parseClientFrame, type UnknownFrame} from './parse-client-frame.js';
export {type ForeignFrame, parseServerFrame} from './parse-server-frame.js';
export * from './port.js';
export {readWants, subscriptionHash, typeOf, unionOf} from './subscription.js';
