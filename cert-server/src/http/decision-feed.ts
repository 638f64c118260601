/** Wakes those who wait for the next decision of a programme (`grant watch`). Carries no data: the store is asked again. */
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** Each decision wakes them all, and a waiting request is one of those that the server holds for every programme. */
export const WAITERS_OF_PROGRAMME_MAX = 50;

export type FeedWait = {
  /** Resolves at the next decision, when the time is over, when the feed closes, or when it is cancelled. */
  readonly woken: Promise<void>;
  /** For those who need not wait any more. */
  cancel(): void;
};

export class DecisionFeed {
  readonly #waiting = new Map<string, Set<() => void>>();
  #isClosed = false;

  /** @throws TapsealError server_busy where as many wait already as may */
  wait(programme: string, waitMs: number): FeedWait {
    const waiters = this.#waiting.get(programme) ?? new Set();
    if (this.#isClosed) return { woken: Promise.resolve(), cancel: () => undefined };
    if (waiters.size >= WAITERS_OF_PROGRAMME_MAX) throw new TapsealError('server_busy', 'too many wait');
    this.#waiting.set(programme, waiters);
    let cancel = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      waiters.add(wake);
      cancel = wake;
    });
    return { woken, cancel: () => cancel() };
  }

  decided(programme: string): void {
    for (const wake of this.#waiting.get(programme) ?? []) wake();
  }

  close(): void {
    this.#isClosed = true;
    for (const programme of this.#waiting.keys()) this.decided(programme);
  }
}
