export type BrowserName = 'chromium' | 'firefox' | 'webkit';
export const CHROMIUM_ARGS: string[];
export const BROWSER_NAMES: BrowserName[];
export function findBrowser(name: BrowserName): string | undefined;
export function whyLeftOut(name: BrowserName): string | undefined;
export function ensureBrowser(name: BrowserName): Promise<string>;
