/**
 * The elements in templates of Vue 3: `import type {} from 'sync-elements/vue'`, once. Properties as they are, events as
 * `@sync-changes="…"`.
 */
import type {EmitFn, HTMLAttributes, PublicProps} from 'vue';
import type {ElementOf, EventsOf, PropertiesOf, Tag} from './elements.js';

type Elements = {
  [T in Tag]: new () => ElementOf<T> & {
    /** What a template may give. */
    $props: HTMLAttributes & PropertiesOf<T> & PublicProps;
    $emit: EmitFn<{[E in keyof EventsOf<T>]: (event: EventsOf<T>[E]) => void}>;
  };
};

declare module 'vue' {
  interface GlobalComponents extends Elements {}
}
