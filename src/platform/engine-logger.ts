/** How an engine logs, which has no console that anybody reads. */
import {type Logger, type LogLevel, levelLogger} from './logger.js';

/** Says nothing. */
export const SILENT: Logger = {error() {}, warn() {}, info() {}, debug() {}};

/** Hands messages on, without details, which need not be cloneable. */
export function forwardingLogger(
  level: LogLevel,
  forward: (level: Exclude<LogLevel, 'silent'>, message: string) => void,
): Logger {
  const at = (level: Exclude<LogLevel, 'silent'>) => (message: string) => forward(level, message);
  return levelLogger(level, {error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug')}, '');
}
