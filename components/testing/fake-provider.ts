/** A provider whose services are fakes, under any number of names: an element can be upgraded only once. */
import {define} from '../define/define.js';
import type {SyncOptions} from '../shared/core.js';
import {SyncProvider} from '../sync-provider.js';
import {FakeService} from './fake-service.js';

export class FakeProvider extends SyncProvider {
  /** Every service this element ever made. */
  readonly made: FakeService[] = [];

  get latest(): FakeService {
    const latest = this.made.at(-1);
    if (!latest) throw new Error('This provider has made no service.');
    return latest;
  }

  protected override createService(options: SyncOptions): FakeService {
    const service = new FakeService(options);
    this.made.push(service);
    return service;
  }
}

let names = 0;

/** A name nobody has defined yet. */
export function freshName(): string {
  return `fake-provider-${++names}`;
}

export function defineProvider(tag: string): void {
  define(tag, class extends FakeProvider {});
}

define('fake-provider', FakeProvider);
