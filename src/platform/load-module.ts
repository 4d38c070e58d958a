/** A module whose address is known only when the program runs: bundlers are to leave it alone. */
export function loadModule(url: string): Promise<{default?: unknown}> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ url);
}
