/** What svelte-check holds the attributes of a tag against. */
import type {SvelteHTMLElements} from 'svelte/elements';
import type {} from 'sync-elements/svelte';

/** An attribute that isn't known is wrong in a template: an object that is written down says so, too. */
export const provider: SvelteHTMLElements['sync-provider'] = {
  id: 'sync',
  url: '/api/sync',
  types: ['task'],
  paused: true,
  'onsync-changes': event => event.types.includes('task'),
};
export const status: SvelteHTMLElements['sync-status'] = {variant: 'badge', details: true, class: 'status'};

export const wrong = {
  // @ts-expect-error no such variant
  variant: {variant: 'hologram'} satisfies SvelteHTMLElements['sync-status'],
  // @ts-expect-error no such attribute
  attribute: {colour: 'red'} satisfies SvelteHTMLElements['sync-status'],
  // @ts-expect-error a number
  limit: {limit: 'many'} satisfies SvelteHTMLElements['sync-queue'],
  // @ts-expect-error not of this event
  event: {'onsync-changes': event => event.state} satisfies SvelteHTMLElements['sync-provider'],
  // @ts-expect-error no event of this element
  none: {'onsync-changes': () => {}} satisfies SvelteHTMLElements['sync-progress'],
};
