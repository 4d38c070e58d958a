/**
 * The elements in templates of Svelte 5: `import type {} from 'sync-elements/svelte'`, once. Properties as they are,
 * events as `onsync-changes={event => …}`.
 */
import type {HTMLAttributes} from 'svelte/elements';
import type {ElementOf, ListenersOf, PropertiesOf, Tag} from './elements.js';

type Elements = {
  [T in Tag]: HTMLAttributes<ElementOf<T>> & PropertiesOf<T> & ListenersOf<T, 'on'>;
};

declare module 'svelte/elements' {
  interface SvelteHTMLElements extends Elements {}
}
