/**
 * The elements in JSX of React 19: `import type {} from 'sync-elements/react'`, once. Properties as they are, events as
 * `onsync-changes={event => …}`.
 */
import type {DetailedHTMLProps, HTMLAttributes} from 'react';
import type {ElementOf, ListenersOf, PropertiesOf, Tag} from './elements.js';

type Elements = {
  [T in Tag]: DetailedHTMLProps<HTMLAttributes<ElementOf<T>>, ElementOf<T>> & PropertiesOf<T> & ListenersOf<T, 'on'>;
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
