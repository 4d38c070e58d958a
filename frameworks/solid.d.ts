/**
 * The elements in JSX of Solid: `import type {} from 'sync-elements/solid'`, once. Properties as they are or behind
 * `prop:`, events as `on:sync-changes={event => …}`.
 */
import type {JSX} from 'solid-js';
import type {ElementOf, ListenersOf, PropertiesOf, Tag} from './elements.js';

type Marked<P> = {[K in keyof P & string as `prop:${K}`]?: P[K]};
type Elements = {
  [T in Tag]: JSX.HTMLAttributes<ElementOf<T>> & PropertiesOf<T> & Marked<PropertiesOf<T>> & ListenersOf<T, 'on:'>;
};

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
