export const CHROMIUM_ARGS: string[];
/** Where Chromium is; the bare name `chromium` where none was found. */
export let chromiumPath: string;
export function findChromium(): string | undefined;
export function ensureChromium(): Promise<string>;
