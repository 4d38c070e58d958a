/** A map whose numbers ascend, in whatever order they come. Nearly always they come in order, and then it costs nothing. */
export class NumberedMap<V> extends Map<number, V> {
  #last = Number.NEGATIVE_INFINITY;

  override set(number: number, value: V): this {
    const isLate = number < this.#last && !this.has(number);
    super.set(number, value);
    this.#last = Math.max(this.#last, number);
    if (!isLate) return this;
    const entries = [...this].sort(([a], [b]) => a - b);
    this.clear();
    for (const [each, its] of entries) super.set(each, its);
    return this;
  }
}
