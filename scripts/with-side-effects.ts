/**
 * package.json lists the few built files that have side effects, and bundlers drop the rest when nothing of it is used.
 * That list doesn't know the sources, nor the demo pages, which lie in the same package: this keeps them.
 */
import type {Plugin} from 'vite';

/** Keeps the modules whose path begins with `folder`, whether or not something of them is used. */
export function withSideEffects(folder: string): Plugin {
  return {
    name: 'with-side-effects',
    transform: (_code, id) => (id.startsWith(folder) ? {moduleSideEffects: true} : null),
  };
}
