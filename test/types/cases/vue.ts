/** What vue-tsc holds the attributes and events of a tag against. */
import type {} from 'sync-elements/vue';
import type {GlobalComponents} from 'vue';

type Props<T extends keyof GlobalComponents> = InstanceType<GlobalComponents[T]>['$props'];
declare const provider: InstanceType<GlobalComponents['sync-provider']>;

export const good: Props<'sync-provider'> = {id: 'sync', url: '/api/sync', types: ['task'], paused: true};
export const status: Props<'sync-status'> = {variant: 'badge', details: true, class: 'status'};
export const emit = (event: Event) => {
  // @ts-expect-error an event of its own kind
  provider.$emit('sync-changes', event);
  // @ts-expect-error no event of this element
  provider.$emit('sync-edit-request', event);
};

export const wrong = {
  // @ts-expect-error no such variant
  variant: {variant: 'hologram'} satisfies Props<'sync-status'>,
  // @ts-expect-error no such attribute
  attribute: {colour: 'red'} satisfies Props<'sync-status'>,
  // @ts-expect-error a number
  limit: {limit: 'many'} satisfies Props<'sync-queue'>,
  // @ts-expect-error no such element
  none: {} satisfies Props<'sync-nothing'>,
};
