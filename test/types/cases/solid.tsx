/** @jsxImportSource solid-js */
import type {SyncService} from 'sync-elements/components';
import type {} from 'sync-elements/solid';

declare const service: SyncService;

export const good = () => (
  <sync-provider url="/api/sync" prop:service={service} on:sync-changes={event => event.types.includes('task')}>
    <sync-status variant="badge" details class="status" ref={status => status.shown} />
    <sync-queue prop:limit={20} on:sync-edit-request={event => event.operation.id} />
    <sync-when status="offline">Away</sync-when>
  </sync-provider>
);

export const wrong = () => [
  // @ts-expect-error no such variant
  <sync-status variant="hologram" />,
  // @ts-expect-error no such attribute
  <sync-status colour="red" />,
  // @ts-expect-error a number
  <sync-queue prop:limit="many" />,
  // @ts-expect-error not of this event
  <sync-provider on:sync-changes={event => event.state} />,
  // @ts-expect-error no such element
  <sync-nothing />,
];
