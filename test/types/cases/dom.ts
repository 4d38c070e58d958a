/**
 * Elements as the page's own code sees them; and Angular, whose compiler turns `(sync-changes)="f($event)"` into the same
 * `addEventListener`, and `#provider` into the type of the same `createElement`.
 */
import 'sync-elements/define';

const provider = document.createElement('sync-provider');
provider.addEventListener('sync-changes', event => event.types.includes('task'), {once: true});
provider.addEventListener('sync-operation-settled', ({id, settlement, error}) => [id, settlement?.lsn, error?.code]);
provider.addEventListener('click', event => event.clientX);
provider.addEventListener('an-event-of-others', event => event.type);
document.querySelector('sync-queue')?.addEventListener('sync-edit-request', event => event.operation.payload);
document.createElement('sync-status').addEventListener('sync-connect-request', event => event.reason === 'sign-in');

// @ts-expect-error not of this event
provider.addEventListener('sync-changes', event => event.state);
// @ts-expect-error an event of the queue knows its operation
provider.addEventListener('sync-edit-request', event => event.operation);
// @ts-expect-error no such variant
document.createElement('sync-status').variant = 'hologram';
// @ts-expect-error to be read
provider.state = document.createElement('sync-provider').state;
