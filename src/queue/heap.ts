/** A binary heap: the first by an order, whatever order they come in. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swaps(at, parent)) return;
      at = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < items.length && this.#comesBefore(right, left) ? right : left;
      if (child >= items.length || !this.#swaps(child, at)) return first;
      at = child;
    }
  }

  #comesBefore(a: number, b: number): boolean {
    return this.#isBefore(this.#items[a] as T, this.#items[b] as T);
  }

  /** Exchanges the two where the first one comes before the second. */
  #swaps(a: number, b: number): boolean {
    if (!this.#comesBefore(a, b)) return false;
    const items = this.#items;
    [items[a], items[b]] = [items[b] as T, items[a] as T];
    return true;
  }
}
