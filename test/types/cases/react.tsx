/** @jsxImportSource react */
import type {SyncProvider, SyncService} from 'sync-elements/components';
import type {} from 'sync-elements/react';

declare const service: SyncService;

export const good = (
  <sync-provider
    id="sync"
    url="/api/sync"
    types={['task', {type: 'place', where: {country: 'DE'}}]}
    getToken={async () => 'token'}
    service={service}
    paused
    mode="page"
    ref={(provider: SyncProvider | null) => void provider?.connect()}
    onsync-changes={event => event.types.includes('task')}
    onsync-state-change={event => event.state.status}
  >
    <sync-status variant="badge" details className="status" onsync-retry-request={event => event.id} />
    <sync-queue filter="failed" limit={20} naming={operation => operation.id} />
    <sync-progress provider="sync" />
    <sync-when status="offline reconnecting">Away</sync-when>
    <sync-inspector open />
  </sync-provider>
);

export const wrong = [
  // @ts-expect-error no such variant
  <sync-status key="1" variant="hologram" />,
  // @ts-expect-error no such attribute
  <sync-status key="2" colour="red" />,
  // @ts-expect-error a number
  <sync-queue key="3" limit="many" />,
  // @ts-expect-error not of this event
  <sync-provider key="4" onsync-changes={event => event.state} />,
  // @ts-expect-error set by the element
  <sync-provider key="5" state={undefined} />,
  // @ts-expect-error no such element
  <sync-nothing key="6" />,
];
