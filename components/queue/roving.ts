/** A list that is one stop for Tab, and that the arrow keys walk; keeps the focus when what held it goes. */

export class Roving {
  readonly #root: () => ShadowRoot | null;
  /** Id of the row that Tab reaches. */
  current: string | undefined;
  #index = 0;
  /** What had the focus before a drawing: the row (an empty text), or something in it. */
  #held: string | undefined;

  constructor(root: () => ShadowRoot | null) {
    this.#root = root;
  }

  get #rows(): HTMLElement[] {
    return [...(this.#root()?.querySelectorAll<HTMLElement>('[data-id]') ?? [])];
  }

  /** Before a drawing: `ids` are those that will be there. */
  prepare(ids: readonly string[]): void {
    const focused = this.#root()?.activeElement as HTMLElement | null | undefined;
    this.#held = undefined;
    if (focused?.closest('[data-id]')) {
      const {action} = focused.dataset;
      this.#held = action ? `[data-action=${action}]` : focused.localName === 'summary' ? 'summary' : '';
    }
    const at = this.current === undefined ? -1 : ids.indexOf(this.current);
    if (at >= 0) {
      this.#index = at;
      return;
    }
    // To the row in the place of the one that went, but to none of its buttons: the next key was not meant for them.
    this.current = ids[Math.min(this.#index, ids.length - 1)];
    this.#held &&= '';
  }

  /** After it: rows are drawn anew in their places, and the focus goes where its row has gone. */
  restore(fallback: HTMLElement | null): void {
    if (this.#held === undefined) return;
    const row = this.#rows.find(row => row.dataset['id'] === this.current);
    const held = this.#held ? row?.querySelector<HTMLElement>(`${this.#held}, [data-action=undo]`) : null;
    // What is still there may have been hidden by the drawing, and would let go of the focus.
    const wanted = (held?.checkVisibility() && held) || row || fallback;
    if (wanted !== this.#root()?.activeElement) wanted?.focus();
  }

  /** Gives the focus to the row in that place. */
  goTo(place: number): void {
    this.#rows[place]?.focus();
  }

  /** Whether the pointer or the focus is with that row. A page nobody is at has neither, whatever it remembers. */
  isAt(id: string): boolean {
    const row = this.#rows.find(row => row.dataset['id'] === id);
    return document.hasFocus() && (row?.matches(':hover, :focus-within') ?? false);
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
