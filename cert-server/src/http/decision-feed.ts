/** Wakes those who wait for the next decision of a programme (`grant watch`). Carries no data: the store is asked again. */
export class DecisionFeed {
  readonly #waiting = new Map<string, Set<() => void>>();
  #isClosed = false;

  /** Resolves at the next decision, after `waitMs`, or when the feed closes. */
  wait(programme: string, waitMs: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(programme) ?? new Set();
      this.#waiting.set(programme, waiters);
      const wake = (): void => {
        clearTimeout(timer);
        waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      waiters.add(wake);
    });
  }

  decided(programme: string): void {
    for (const wake of this.#waiting.get(programme) ?? []) wake();
  }

  close(): void {
    this.#isClosed = true;
    for (const programme of this.#waiting.keys()) this.decided(programme);
  }
}
