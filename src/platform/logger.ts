/** Where the package says what it does. Never given a payload or a token. */

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

export interface Logger {
  error(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
  info(message: string, ...details: unknown[]): void;
  debug(message: string, ...details: unknown[]): void;
}

const LEVELS: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];

/** A logger that passes on what `level` lets through, marked as ours. */
export function levelLogger(level: LogLevel, sink: Logger, mark = '[sync-elements] '): Logger {
  const rank = LEVELS.indexOf(level);
  const at = (method: Exclude<LogLevel, 'silent'>) =>
    LEVELS.indexOf(method) <= rank
      ? (message: string, ...details: unknown[]) => sink[method](`${mark}${message}`, ...details)
      : () => {};
  return {error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug')};
}
