/** Work that is repeated in the background until it is done: one run at a time, with growing waits between failed runs. */
import { BACKGROUND_RETRY_MS_MAX, BACKGROUND_RETRY_MS_MIN } from './limits.js';
import type { Clock } from './ports.js';

export class BackgroundLoop {
  readonly #clock: Clock;
  readonly #run: () => Promise<boolean>;
  #cancelTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #delayMs = BACKGROUND_RETRY_MS_MIN;

  /** @param run resolves to true when nothing is left to do; a rejection counts as false */
  constructor(clock: Clock, run: () => Promise<boolean>) {
    this.#clock = clock;
    this.#run = run;
  }

  start(): void {
    this.#stopped = false;
    this.kick();
  }

  /** Runs now, or once more after the present run. */
  kick(): void {
    if (this.#stopped) return;
    this.#delayMs = BACKGROUND_RETRY_MS_MIN;
    this.#wake();
  }

  /** Settles when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    await this.#running;
  }

  #wake(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#again = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  async #work(): Promise<void> {
    let done = true;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      done = await this.#run().catch(() => false);
    }
    if (done || this.#stopped) return;
    this.#cancelTimer = this.#clock.after(this.#delayMs, () => this.#wake());
    this.#delayMs = Math.min(this.#delayMs * 2, BACKGROUND_RETRY_MS_MAX);
  }
}
