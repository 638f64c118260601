/** How a run ends: by a signal, well, or by a fault. The first one counts. */

export class Ending {
  /** Resolves at a signal, rejects at a fault. */
  readonly reached: Promise<void>;
  #isReached = false;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    // Whoever waits for it hears of it; until somebody does, it is no unhandled rejection.
    this.reached.catch(() => {});
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  /** To be called after bleno is open: bleno ends the process at SIGINT if its own listener is the last one. */
  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#reach(this.#finish));
  }

  fail(error: unknown): void {
    this.#reach(() => this.#fail(error));
  }

  #reach(settle: () => void): void {
    this.#isReached = true;
    settle();
  }
}
