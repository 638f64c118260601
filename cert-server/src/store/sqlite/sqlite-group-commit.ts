/**
 * Group commit: whatever is to be written in the same turn of the event loop is written in one immediate transaction, and
 * one fsync makes all of it durable. Each job sees what those before it wrote, and no promise settles before the commit.
 * Neighbours in a batch must not harm each other: a job that throws before it writes fails alone, and where a write fails
 * everything is rolled back and each job is run again in a transaction of its own.
 */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Database } from 'better-sqlite3';
import type { SqliteCheckpoints } from './sqlite-checkpoints.js';
import type { ReadTurn } from './sqlite-read-turn.js';
import type { RecordMemory } from './sqlite-record-memory.js';

/** One commit: how long others have to wait for it is bounded. */
const BATCH_MAX = 256;
/** Who shared a commit with fewer would wait for the next one in vain: at 500 a second, a gap of 3 ms gathers one or two. */
const CROWD = 3;
/** So many share a commit at once, whatever its pace. */
const SHARING_ENOUGH = 32;

/** For a server: fewer commits when many are asked for. */
export type CommitPace = {
  /** After a commit that three or more shared, the next one begins so much later: whoever comes meanwhile shares it. */
  readonly gapMs: number;
  readonly checkpoints: Pick<SqliteCheckpoints, 'committed' | 'isLastPass' | 'onFree'>;
};

export type GroupCommit = {
  /**
   * For what happens at every tap: whatever it changes of records that are remembered, it forgets by itself.
   * @param prepare reads and decides, and returns what writes; both are synchronous and may run more than once
   * @throws TapsealError server_busy where another process holds the database for longer than `busy_timeout`
   */
  commit<T>(prepare: () => () => T): Promise<T>;
  /** Reads and writes as it comes. What it throws rolls back all that it wrote, and nothing else. Records that are remembered are forgotten. */
  write<T>(job: () => T): Promise<T>;
  /** Called at the start of each transaction: what was remembered of the one before may not be true. */
  onBegin(forget: () => void): void;
  /** Commits what is waiting. */
  flush(): void;
};

type Job = {
  /** Throws where the transaction has to be rolled back. */
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
};

/** Somebody else writes, or the disk is full: nothing was written, and the same can succeed later. */
const passing = /^SQLITE_(?:BUSY|FULL)/;

function problemOf(error: unknown): unknown {
  const isPassing = error instanceof Error && 'code' in error && passing.test(String(error.code));
  return isPassing ? new TapsealError('server_busy', 'database', { cause: error }) : error;
}

/**
 * @param turn of the reads on the same connection, which end where a transaction that writes begins
 * @param memory of records that a `write` may change
 * @param pace absent: at the end of each turn of the event loop
 */
export function sqliteGroupCommit(
  database: Database,
  turn: Pick<ReadTurn, 'end'>,
  memory: Pick<RecordMemory, 'forgetAll'>,
  pace?: CommitPace,
): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commitAll = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const forgets: (() => void)[] = [];
  const waiting: Job[] = [];
  let nextTurn: NodeJS.Immediate | undefined;
  let gap: NodeJS.Timeout | undefined;
  let [wasCrowded, committedAtMs] = [false, 0];

  /** @returns false where the database was not to be had */
  const transact = (jobs: readonly Job[]): boolean => {
    try {
      turn.end();
      begin.run();
    } catch (error) {
      for (const job of jobs) job.fail(problemOf(error));
      return false;
    }
    try {
      for (const forget of forgets) forget();
      for (const job of jobs) job.run();
      commitAll.run();
    } catch (error) {
      // After some errors SQLite has rolled back by itself.
      if (database.inTransaction) rollback.run();
      if (jobs.length === 1) for (const job of jobs) job.fail(problemOf(error));
      else runAlone(jobs);
      return true;
    }
    for (const job of jobs) job.settle();
    return true;
  };
  const runAlone = (jobs: readonly Job[]): void => {
    let isToBeHad = true;
    for (const job of jobs) {
      // Each try waits for as long as the timeout: one is enough for all of them.
      if (isToBeHad) isToBeHad = transact([job]);
      else job.fail(new TapsealError('server_busy', 'database'));
    }
  };

  /** What is left of the gap to the commit before. */
  const gapLeftMs = (): number => {
    if (pace === undefined || !wasCrowded || waiting.length >= SHARING_ENOUGH) return 0;
    return committedAtMs + pace.gapMs - performance.now();
  };
  const takeTurn = (): void => {
    nextTurn = undefined;
    gap = undefined;
    if (waiting.length === 0 || pace?.checkpoints.isLastPass) return;
    const leftMs = gapLeftMs();
    if (leftMs > 0) {
      gap = setTimeout(takeTurn, leftMs);
      return;
    }
    const jobs = waiting.splice(0, BATCH_MAX);
    comeBack();
    transact(jobs);
    wasCrowded = jobs.length >= CROWD;
    if (pace === undefined) return;
    committedAtMs = performance.now();
    pace.checkpoints.committed();
  };
  const comeBack = (): void => {
    if (waiting.length >= SHARING_ENOUGH) endGap();
    if (waiting.length > 0 && gap === undefined) nextTurn ??= setImmediate(takeTurn);
  };
  const endGap = (): void => {
    clearTimeout(gap);
    gap = undefined;
  };
  pace?.checkpoints.onFree(comeBack);

  const commit = <T>(prepare: () => () => T): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let settle: () => void;
      waiting.push({
        run: () => {
          let write: () => T;
          try {
            write = prepare();
          } catch (error) {
            if (!database.inTransaction) throw error;
            settle = () => reject(error);
            return;
          }
          const value = write();
          settle = () => resolve(value);
        },
        settle: () => settle(),
        fail: reject,
      });
      comeBack();
    });

  return {
    commit,
    write: (job) =>
      commit(() => {
        memory.forgetAll();
        return job;
      }),
    onBegin: (forget) => {
      forgets.push(forget);
    },
    flush: () => {
      endGap();
      if (nextTurn !== undefined) clearImmediate(nextTurn);
      while (waiting.length > 0) transact(waiting.splice(0, BATCH_MAX));
      nextTurn = undefined;
    },
  };
}
