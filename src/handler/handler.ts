/**
 * The handler room: server frames in, one transaction out, checkpoint with it. It owns `position`, the last frame accepted,
 * and checks the chain of frames against it; the journal owns the checkpoint, the last one made durable. It never
 * touches the socket and never knows of operations.
 *
 *             sync_start snapshot, backfill           sync_complete: swap
 *   idle ────────────────────────────► staging ──────────────────────────────┐
 *    ▲ │                                  │ gap, reset, lost connection      ▼
 *    │ └─ sync_start catchup ─► catchup ──┼──────── sync_complete ─────────► live
 *    │    sync_start live ────────────────┼─────────────────────────────────► │
 *    └────────────────────────────────────┴─── gap, reset, lost connection ───┘
 */
import type {Checkpoint, CommittedRecord, Rows, Stage} from '../database/database.js';
import type {Clock} from '../platform/platform.js';
import type {ErrorRecord, Lsn, SyncState} from '../protocol/protocol.js';

/** Where the stream stands. */
export type StreamState =
  | {kind: 'idle'}
  | {kind: 'staging'; stage: Stage}
  | {kind: 'catchup'; checkpoint: Checkpoint}
  | {kind: 'live'; checkpoint: Checkpoint};

/** A transaction that arrives in parts, up to the part that came last. */
export interface OpenParts {
  lsn: Lsn;
  part: number;
}

export interface HandlerOptions {
  /** Where some can be copied they stay while others come. */
  rows: Pick<Rows, 'copy' | 'stage'>;
  /** Characters of frames that may wait. */
  inboxChars: number;
  clock: Clock;
}

export interface HandlerHooks {
  /** Frame n of the stream and those before are durable. */
  received(stream: number, n: number): void;
  /** Ask the server to begin again from the checkpoint (or for a snapshot, where that was forgotten). */
  greetAgain(): void;
  /** Rows that readers see have changed. `changes` is null where all may have. */
  committed(checkpoint: Checkpoint, records: readonly CommittedRecord[] | null): Promise<void>;
  /** The server's history is another one, or can't be told from another one any more. */
  historyChanged(): Promise<void>;
  phase(phase: 'syncing' | 'live', progress: SyncState['progress']): void;
  started(mode: string): void;
  completed(lsn: Lsn): void;
  /** The rows could not be written. `storage-conflict` means that another leader has taken over. */
  failed(error: ErrorRecord): void;
}
