/** A refusal of one operation: it travels as `operation_nack` and closes nothing. */
import type {JsonObject} from '../../src/protocol/protocol.js';

export interface RefusalOptions {
  /** True: the same operation may go through later. Default false: it becomes a dead letter. */
  retryable?: boolean;
  /** Milliseconds. */
  retryAfter?: number;
  /** With `conflict`: the row as it stands. */
  row?: JsonObject | undefined;
  cause?: unknown;
}

/**
 * Thrown by an operation's code to refuse it; its transaction is rolled back. Hosts throw it from their own operations
 * and hooks. `code` and `message` reach the client: put nothing in them that its user may not read.
 */
export class OperationRefused extends Error {
  override readonly name = 'OperationRefused';
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  readonly row: JsonObject | undefined;

  constructor(code: string, message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfter = options.retryAfter;
    this.row = options.row;
  }
}
