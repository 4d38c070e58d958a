/** A frame of the server, from its text to the one it concerns. */
import {
  type ForeignFrame,
  parseServerFrame,
  type ServerFrame,
  SyncError,
  type SyncErrorFrame,
  type WelcomeFrame,
} from '../protocol/protocol.js';

export interface Ears {
  welcome(frame: WelcomeFrame): void;
  ping(t: number): void;
  pong(t: number): void;
  complaint(frame: SyncErrorFrame): void;
  /** The server asks to be greeted again. */
  request(): void;
  /** Rows are on their way. */
  filling(): void;
  /** The stream has got to its head. */
  caughtUp(): void;
  /** The next frame is a long one. */
  large(bytes: number): void;
  /** All that is not the connection's own. */
  data(frame: ServerFrame, text: string): void;
  /** A type that isn't ours. */
  foreign(body: Record<string, unknown>): void;
  malformed(error: SyncError): void;
}

/** @param frameChars the longest frame that is taken */
export function hear(text: string, frameChars: number, ears: Ears): void {
  let frame: ServerFrame | ForeignFrame;
  try {
    frame = parseServerFrame(text, frameChars);
  } catch (error) {
    return ears.malformed(SyncError.from(error, 'bad-frame'));
  }
  if ('foreign' in frame) return ears.foreign(frame.body);
  switch (frame.type) {
    case 'welcome':
      return ears.welcome(frame);
    case 'ping':
      return ears.ping(frame.t);
    case 'pong':
      return ears.pong(frame.t);
    case 'sync_error':
      return ears.complaint(frame);
    case 'sync_request':
      return ears.request();
    case 'large_frame':
      return ears.large(frame.bytes);
    default:
      if (frame.type === 'sync_complete' || (frame.type === 'sync_start' && frame.mode === 'live')) ears.caughtUp();
      else if (frame.type === 'sync_start') ears.filling();
      return ears.data(frame, text);
  }
}
