/** The clock port in virtual time: nothing waits, and what still waits can be counted. */
import type { Clock } from '../core/ports.js';

type Timer = { readonly atMs: number; readonly order: number; readonly ofPhone: boolean; run(): void };

export class VirtualClock implements Clock {
  #nowMs = 1_000;
  #order = 0;
  readonly #timers = new Set<Timer>();

  /** How many timers of the phone are waiting; those of the world around it do not count. */
  get timers(): number {
    return [...this.#timers].filter((timer) => timer.ofPhone).length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#add(delayMs, run, true);
  }

  /** As `after`, for the world around the phone. */
  later(delayMs: number, run: () => void): () => void {
    return this.#add(delayMs, run, false);
  }

  /** Settles when `delayMs` have passed in the world. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.later(delayMs, resolve);
    });
  }

  /** Lets time pass until `done`. @throws Error where that does not happen within `limitMs` */
  async until(done: () => boolean, limitMs = 300_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await settled();
      if (done()) return;
      const next = this.#next();
      if (next === undefined || next.atMs > endMs) throw new Error(`nothing happened within ${limitMs} ms`);
      this.#fire(next);
    }
  }

  async pass(delayMs: number): Promise<void> {
    const endMs = this.#nowMs + delayMs;
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.atMs > endMs) break;
      this.#fire(next);
    }
    this.#nowMs = endMs;
    await settled();
  }

  #add(delayMs: number, run: () => void, ofPhone: boolean): () => void {
    this.#order += 1;
    const timer: Timer = { atMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order, ofPhone, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.atMs < first.atMs) first = timer;
      else if (timer.atMs === first.atMs && timer.order < first.order) first = timer;
    }
    return first;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    timer.run();
  }
}

/** Every promise that can go on without time has gone on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
