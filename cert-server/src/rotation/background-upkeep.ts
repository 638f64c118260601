/**
 * Moves the windows of rotating IDs on as time passes, frees what grants held for boxes that never confirmed, and prunes the
 * store. Timers do not keep the process alive.
 */
import type { ServerContext } from '../server-context.js';
import { advertWindowAt } from './advert-window.js';

const UPKEEP_EVERY_MS = 15_000;
const PRUNE_EVERY_MS = 3_600_000;
const BATCH_MAX = 100;

type UpkeepContext = Pick<ServerContext, 'store' | 'crypto' | 'now'>;

/** Moves on every window that is due. */
export async function refreshDueWindows({ store, crypto, now }: UpkeepContext): Promise<void> {
  for (;;) {
    const nowMs = now();
    const due = await store.dueWindows(nowMs, BATCH_MAX);
    for (const { programme, boxId, anchor, oldest } of due) {
      await store.moveWindow(programme, boxId, advertWindowAt(crypto, anchor, nowMs, oldest));
      // Each box costs a durable write: requests have their turn between two of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (due.length < BATCH_MAX) return;
  }
}

/** Frees every hold whose time is over, a batch at a time: requests have their turn between two of them. */
export async function releaseEndedHolds({ store, now }: Pick<UpkeepContext, 'store' | 'now'>): Promise<void> {
  const nowMs = now();
  while ((await store.releaseEndedHolds(nowMs, BATCH_MAX)) === BATCH_MAX) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export type Upkeep = {
  /** Stops, after what is under way. */
  close(): Promise<void>;
};

/** @param onError told of what failed; the next turn tries again */
export function startUpkeep(context: UpkeepContext, onError: (error: unknown) => void): Upkeep {
  let underWay: Promise<void> | undefined;
  let prunedAtMs = Number.NEGATIVE_INFINITY;
  const turn = async (): Promise<void> => {
    await refreshDueWindows(context);
    await releaseEndedHolds(context);
    const nowMs = context.now();
    if (nowMs - prunedAtMs < PRUNE_EVERY_MS) return;
    prunedAtMs = nowMs;
    await context.store.prune(nowMs);
  };
  const start = (): void => {
    underWay ??= turn()
      .catch(onError)
      .finally(() => {
        underWay = undefined;
      });
  };
  const timer = setInterval(start, UPKEEP_EVERY_MS);
  timer.unref();
  start();
  return {
    close: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
