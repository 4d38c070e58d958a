/**
 * The half of a provider that is a service to the page: the same methods, callable at any time. Before there is a
 * service they wait; after the element was removed they reject with `closed`.
 */
import {LitElement, type PropertyDeclarations} from 'lit';
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

export class ServiceElement extends LitElement {
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

  async get<T extends TypeName<Entities>>(type: T, id: string): Promise<Row<Entities, T> | undefined> {
    return (await this.present.ready()).get(type, id);
  }

  async list<T extends TypeName<Entities>>(type: T, query?: Query): Promise<Row<Entities, T>[]> {
    return (await this.present.ready()).list(type, query);
  }

  async count(type: TypeName<Entities>, query?: Query): Promise<number> {
    return (await this.present.ready()).count(type, query);
  }

  /** A list that follows the data, across services too. */
  live<T extends TypeName<Entities>>(type: T, query?: Query): Live<Row<Entities, T>[]> {
    return followingLive(this.present, service => service.live(type, query));
  }

  async put<T extends TypeName<Entities>>(type: T, id: string, row: Row<Entities, T>): Promise<string> {
    return (await this.present.ready()).put(type, id, row);
  }

  async patch<T extends TypeName<Entities>>(type: T, id: string, columns: Partial<Row<Entities, T>>): Promise<string> {
    return (await this.present.ready()).patch(type, id, columns);
  }

  /** Without arguments, what it is on every element: takes this one out of the page. */
  override remove(): void;
  /** Deletes a row. */
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

  async settled(id: string, options?: {until?: 'sent' | 'applied' | 'echoed'}): Promise<Settlement> {
    return (await this.present.ready()).settled(id, options);
  }

  /** What is queued, in flight or failed, oldest first. */
  async operations(filter?: {stage?: OperationStage}): Promise<QueuedOperation[]> {
    return (await this.present.ready()).operations(filter);
  }

  async retry(id?: string): Promise<void> {
    await (await this.present.ready()).retry(id);
  }

  async discard(id?: string): Promise<void> {
    await (await this.present.ready()).discard(id);
  }

  /** Puts another operation in the place of a refused one. */
  async replace(id: string, operation: Operation): Promise<void> {
    await (await this.present.ready()).replace(id, operation);
  }

  async flush(options?: {signal?: AbortSignal}): Promise<void> {
    return (await this.present.ready()).flush(options);
  }

  async logout(options: LogoutOptions): Promise<void> {
    return (await this.present.ready()).logout(options);
  }
}
