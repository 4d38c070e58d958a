/**
 * The board's data: follows the provider's tasks and queue, and turns what people do into writes. Nothing waits for a
 * server here; a write shows at once and says by its mark where it is.
 */
import type {QueuedOperation} from 'sync-elements';
import type {SyncProvider} from 'sync-elements/components';
import {columnOf, isCrowded, positionAt, readTask, type Status, spread, type Task} from './task.js';

export class BoardStore {
  /** Undefined while loading. */
  tasks: Task[] | undefined;
  /** Ids of tasks with a change the server has not taken yet. */
  unsaved: ReadonlySet<string> = new Set();
  /** Writes the server refused. */
  refused: readonly QueuedOperation[] = [];
  readonly #provider: SyncProvider;
  readonly #changed: () => void;
  #reading = false;
  #again = false;

  constructor(provider: SyncProvider, changed: () => void) {
    this.#provider = provider;
    this.#changed = changed;
    provider.live('task').subscribe(rows => {
      this.tasks = rows?.map(readTask);
      changed();
      void this.#readQueue();
    });
    provider.addEventListener('sync-state-change', () => void this.#readQueue());
    provider.addEventListener('sync-operation-settled', () => void this.#readQueue());
  }

  column(status: Status): Task[] {
    return columnOf(this.tasks ?? [], status);
  }

  find(id: string): Task | undefined {
    return this.tasks?.find(task => task.id === id);
  }

  add(status: Status, title: string): Promise<string> {
    const column = this.column(status);
    const position = positionAt(column, column.length);
    // randomUUID needs a secure context; the board should also work over plain http in an office network.
    const id = crypto.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    return this.put({id, title, status, position, assignee: ''});
  }

  put(task: Task): Promise<string> {
    return this.#provider.put('task', task.id, {...task, updated_at: new Date().toISOString()});
  }

  patch(id: string, columns: Partial<Omit<Task, 'id'>>): Promise<string> {
    return this.#provider.patch('task', id, {...columns, updated_at: new Date().toISOString()});
  }

  remove(id: string): Promise<string> {
    return this.#provider.remove('task', id);
  }

  /** Puts a task at a place in a column, counted without the task itself. */
  async move(task: Task, status: Status, index: number): Promise<void> {
    const others = this.column(status).filter(other => other.id !== task.id);
    if (!isCrowded(others, index)) {
      await this.patch(task.id, {status, position: positionAt(others, index)});
      return;
    }
    for (const moved of spread(others.toSpliced(index, 0, task))) {
      await this.patch(moved.id, {status, position: moved.position});
    }
  }

  /** One reading at a time; what happens meanwhile asks for one more. */
  async #readQueue(): Promise<void> {
    this.#again = this.#reading;
    if (this.#reading) return;
    this.#reading = true;
    try {
      const operations = await this.#provider.operations();
      this.refused = operations.filter(({stage}) => stage === 'failed');
      const waiting = operations.filter(({stage}) => stage === 'queued' || stage === 'sent');
      this.unsaved = new Set(waiting.map(({entityId}) => entityId ?? ''));
      this.#changed();
    } catch {
      // The provider shows what is wrong; the marks stay as they were.
    } finally {
      this.#reading = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.#readQueue();
    }
  }
}
