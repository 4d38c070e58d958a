/** The framework apps, by their folders in demo/frameworks. */
export const APPS: readonly string[];
/** The path of the package as users get it, of what is built now. */
export function packedPackage(): Promise<string>;
/** Installs and builds a framework app; what to serve is then in the `dist` of its folder. */
export function prepareApp(name: string): Promise<void>;
