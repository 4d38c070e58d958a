/** The one error of this package. */

/** What the person in front of the page can do about an error. */
export type ErrorAction = 'retry' | 'sign-in' | 'free-space' | 'reload' | 'review' | 'none';

/** An error in a form that crosses ports and survives storage. Never holds a payload or a token. */
export interface ErrorRecord {
  code: string;
  message: string;
  retryable: boolean;
  action: ErrorAction;
}

/** Every error this package raises. `code` is stable and has an entry in docs/errors.md; `message` is for a developer. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly code: string;
  readonly retryable: boolean;
  readonly action: ErrorAction;

  constructor(
    code: string,
    message: string,
    options: {retryable?: boolean; action?: ErrorAction; cause?: unknown} = {},
  ) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause});
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.action = options.action ?? (this.retryable ? 'retry' : 'none');
  }

  toRecord(): ErrorRecord {
    return {code: this.code, message: this.message, retryable: this.retryable, action: this.action};
  }

  static fromRecord(record: ErrorRecord): SyncError {
    return new SyncError(record.code, record.message, record);
  }

  /** Any thrown thing as a SyncError; one that already is comes back as it is. */
  static from(thrown: unknown, code = 'internal'): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return new SyncError(code, message, {cause: thrown});
  }
}
