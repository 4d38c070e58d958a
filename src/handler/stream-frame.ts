import type {
  BatchUpdateFrame,
  ChangesFrame,
  HeadFrame,
  ResetFrame,
  ServerFrame,
  SyncCompleteFrame,
  SyncDataFrame,
  SyncStartFrame,
} from '../protocol/protocol.js';

/** The frames that are the handler's to handle. */
export type StreamFrame =
  | SyncStartFrame
  | SyncDataFrame
  | ChangesFrame
  | HeadFrame
  | BatchUpdateFrame
  | SyncCompleteFrame
  | ResetFrame;

export function isStreamFrame(frame: ServerFrame): frame is StreamFrame {
  switch (frame.type) {
    case 'sync_start':
    case 'sync_data':
    case 'changes':
    case 'head':
    case 'batch_update':
    case 'sync_complete':
    case 'reset':
      return true;
    default:
      return false;
  }
}
