/**
 * The life of one piece of work: everything it waits for ends with it. `end` rejects each wait and cancels each timer, so that
 * a cancelled tap leaves nothing running.
 */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import type { Clock } from './ports.js';

/** Gives any thrown value a code: what is no TapsealError is a fault of ours or of an adapter. */
export function asTapsealError(thrown: unknown): TapsealError {
  return isTapsealError(thrown) ? thrown : new TapsealError('internal_error', undefined, { cause: thrown });
}

export class Scope {
  readonly #clock: Clock;
  readonly #waits = new Set<(error: TapsealError) => void>();
  #error: TapsealError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ended(): boolean {
    return this.#error !== undefined;
  }

  /** @throws TapsealError why the scope has ended */
  check(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Only the first reason counts. */
  end(reason: TapsealError): void {
    if (this.#error !== undefined) return;
    this.#error = reason;
    for (const wait of [...this.#waits]) wait(reason);
  }

  /**
   * Settles as `work` does, or rejects when the scope ends or `timeoutMs` have passed. The work itself goes on; its later
   * result is dropped, and its later error too.
   */
  within<T>(work: Promise<T>, timeoutMs?: number, code: ErrorCode = 'timed_out'): Promise<T> {
    return new Promise((resolve, reject) => {
      let cancelTimer = (): void => {};
      const fail = (error: TapsealError): void => {
        cancelTimer();
        this.#waits.delete(fail);
        reject(error);
      };
      work.then(
        (value) => {
          cancelTimer();
          this.#waits.delete(fail);
          resolve(value);
        },
        (thrown: unknown) => fail(asTapsealError(thrown)),
      );
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      this.#waits.add(fail);
      if (timeoutMs !== undefined) {
        cancelTimer = this.#clock.after(timeoutMs, () => fail(new TapsealError(code)));
      }
    });
  }

  sleep(delayMs: number): Promise<void> {
    let cancelTimer = (): void => {};
    const timer = new Promise<void>((resolve) => {
      cancelTimer = this.#clock.after(delayMs, resolve);
    });
    return this.within(timer).finally(cancelTimer);
  }
}
