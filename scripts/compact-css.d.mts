import type {Plugin} from 'vite';

/** The same code with its `css` templates made small, line for line. */
export function compactCss(code: string): string;
/** The same, for what is bundled from the sources. */
export function compactStyles(): Plugin;
