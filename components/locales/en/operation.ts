/** What is said of an operation, wherever one shows. */
export const operationTexts = {
  /** An operation as a person would name it, by its type. */
  save: 'Save “{name}”',
  delete: 'Delete “{name}”',
  send: 'Send “{name}”',
  /** Stages: saved here, and refused by the server. */
  queued: 'Waiting',
  failed: 'Refused',
};
