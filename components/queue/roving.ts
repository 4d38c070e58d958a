/** A list that is one stop for Tab, and that the arrow keys walk; keeps the focus when what held it goes. */

export class Roving {
  readonly #root: () => ShadowRoot | null;
  /** Id of the row that Tab reaches. */
  current: string | undefined;
  #index = 0;
  #held = false;

  constructor(root: () => ShadowRoot | null) {
    this.#root = root;
  }

  get #rows(): HTMLElement[] {
    return [...(this.#root()?.querySelectorAll<HTMLElement>('[data-id]') ?? [])];
  }

  /** Before a drawing: `ids` are those that will be there. */
  prepare(ids: readonly string[]): void {
    this.#held = this.#root()?.activeElement?.closest('[data-id]') !== null && this.#root()?.activeElement !== null;
    const at = this.current === undefined ? -1 : ids.indexOf(this.current);
    if (at >= 0) this.#index = at;
    else this.current = ids[Math.min(this.#index, ids.length - 1)];
  }

  /** After it: to the row in the place of the one that went, or to the button in the place of the one that was pressed. */
  restore(fallback: HTMLElement | null): void {
    if (!this.#held || this.#root()?.activeElement) return;
    const row = this.#rows.find(row => row.dataset['id'] === this.current);
    (row?.querySelector<HTMLElement>('[data-action=undo]') ?? row ?? fallback)?.focus();
  }

  /** Whether the current row is another now. */
  entered(event: Event): boolean {
    const row = (event.target as Element).closest<HTMLElement>('[data-id]');
    const id = row?.dataset['id'];
    if (id === undefined || id === this.current) return false;
    this.current = id;
    return true;
  }

  walk(event: KeyboardEvent): void {
    const rows = this.#rows;
    const at = rows.findIndex(row => row.dataset['id'] === this.current);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1}[event.key];
    const row = to === undefined ? undefined : rows[to];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    row.focus();
  }
}
