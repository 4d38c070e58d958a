/** Registers an element once, however often it is asked to, and does nothing where there are no elements (Node). */
export function define(tag: string, element: CustomElementConstructor): void {
  const registry: CustomElementRegistry | undefined = globalThis.customElements;
  if (registry && !registry.get(tag)) registry.define(tag, element);
}
