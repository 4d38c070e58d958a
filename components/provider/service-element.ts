/**
 * The half of a provider that is a service to the page: the same methods, callable at any time. Before there is a
 * service they wait; after the element was removed they reject with `closed`.
 */
import type {PropertyDeclarations} from '@lit/reactive-element';
import {BareElement} from '../shared/bare-element.js';
import type {
  Entities,
  Live,
  Operation,
  OperationStage,
  Query,
  QueuedOperation,
  Row,
  Settlement,
  TypeName,
} from '../shared/core.js';
import type {LogoutOptions} from '../shared/service.js';
import {followingLive} from './following-live.js';
import {ServiceSlot} from './service-slot.js';

export class ServiceElement extends BareElement {
  static override properties: PropertyDeclarations = {paused: {type: Boolean, reflect: true}};

  /** Holds the line closed. */
  declare paused: boolean;

  /** The service at present, if any. */
  protected readonly present: ServiceSlot = new ServiceSlot();

  constructor() {
    super();
    this.paused = false;
  }

  /** Opens the line: true once catching up or live. False, and nothing else, while held closed by `paused`. */
  async connect(): Promise<boolean> {
    const service = await this.present.ready();
    return this.paused ? false : service.connect();
  }

  /** Closes the line; what is in flight goes first, unless not `graceful`. Stays closed until `connect`. */
  async disconnect(graceful = true): Promise<void> {
    return (await this.present.ready()).disconnect(graceful);
  }

  /** The row with this page's own pending writes on it; undefined where there is none. */
  async get<T extends TypeName<Entities>>(type: T, id: string): Promise<Row<Entities, T> | undefined> {
    return (await this.present.ready()).get(type, id);
  }

  /** The rows that match, with this page's own pending writes on them. */
  async list<T extends TypeName<Entities>>(type: T, query?: Query): Promise<Row<Entities, T>[]> {
    return (await this.present.ready()).list(type, query);
  }

  /** How many rows match. */
  async count(type: TypeName<Entities>, query?: Query): Promise<number> {
    return (await this.present.ready()).count(type, query);
  }

  /** A list that follows the data, across services too. */
  live<T extends TypeName<Entities>>(type: T, query?: Query): Live<Row<Entities, T>[]> {
    return followingLive(this.present, service => service.live(type, query));
  }

  /** Writes the given columns, and makes the row where there is none. Resolves with the operation's id, once durable. */
  async put<T extends TypeName<Entities>>(type: T, id: string, row: Row<Entities, T>): Promise<string> {
    return (await this.present.ready()).put(type, id, row);
  }

  /** Writes the given columns of a row that is there. Resolves with the operation's id, once durable. */
  async patch<T extends TypeName<Entities>>(type: T, id: string, columns: Partial<Row<Entities, T>>): Promise<string> {
    return (await this.present.ready()).patch(type, id, columns);
  }

  /** Without arguments, what it is on every element: takes this one out of the page. */
  override remove(): void;
  /** Deletes a row; resolves with the operation's id, once durable. Without arguments, takes the element out of the page. */
  override remove(type: TypeName<Entities>, id: string): Promise<string>;
  override remove(type?: TypeName<Entities>, id?: string): undefined | Promise<string> {
    if (type !== undefined && id !== undefined) return this.present.ready().then(service => service.remove(type, id));
    super.remove();
    return undefined;
  }

  /** The operation's id, once it is durable. */
  async enqueue(operation: Operation): Promise<string> {
    return (await this.present.ready()).enqueue(operation);
  }

  /** When an operation got so far (default `applied`); rejects with the reason it was refused for. From any tab. */
  async settled(id: string, options?: {until?: 'sent' | 'applied' | 'echoed'}): Promise<Settlement> {
    return (await this.present.ready()).settled(id, options);
  }

  /** What is queued, in flight or failed, oldest first. */
  async operations(filter?: {stage?: OperationStage}): Promise<QueuedOperation[]> {
    return (await this.present.ready()).operations(filter);
  }

  /** Tries a refused operation again; all of them without an id. */
  async retry(id?: string): Promise<void> {
    await (await this.present.ready()).retry(id);
  }

  /** Drops a refused operation, or by id one that waits; all refused ones without an id. */
  async discard(id?: string): Promise<void> {
    await (await this.present.ready()).discard(id);
  }

  /** Puts another operation in the place of a refused one. */
  async replace(id: string, operation: Operation): Promise<void> {
    await (await this.present.ready()).replace(id, operation);
  }

  /** When nothing is pending. Doesn't open the line. */
  async flush(options?: {signal?: AbortSignal}): Promise<void> {
    return (await this.present.ready()).flush(options);
  }

  /** Signs out, in all tabs: nothing of this user stays readable, but work kept on request. Rejects `unsent` where flushing ran out of time. */
  async logout(options: LogoutOptions): Promise<void> {
    return (await this.present.ready()).logout(options);
  }
}
