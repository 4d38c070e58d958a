/** What happened, in order, and a way to wait for it: tests wait for events, never for time. */
export class EventLog {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  add(line: string): void {
    this.lines.push(line);
    for (const look of [...this.#waiting]) look();
  }

  count(line: string): number {
    return this.lines.filter(each => each === line).length;
  }

  /** Resolves once the line was added so many times. */
  has(line: string, times = 1): Promise<void> {
    return this.passes(() => this.count(line) >= times);
  }

  /** Resolves once a look at the log passes. */
  passes(test: (lines: readonly string[]) => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (!test(this.lines)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
