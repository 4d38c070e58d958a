/** The same, for a page whose elements were rendered on the server. */
import '@lit-labs/ssr-client/lit-element-hydrate-support.js';
import 'sync-elements/define';
