/** Runs npm and resolves to its exit code and, when `quiet`, its output; never rejects for an exit code. */
export function npm(
  args: string[],
  options?: {quiet?: boolean; cwd?: string; env?: Record<string, string>; limit?: number},
): Promise<{code: number; output: string}>;
export function nodeIsSupported(version: string): boolean;
interface LockFile {
  packages: Record<string, {version?: string; optional?: boolean}>;
}
export function installedAsLocked(locked: LockFile, installed: LockFile): boolean;
/** Installs in a folder exactly what its lock file says. */
export function installLocked(cwd: string): Promise<void>;
