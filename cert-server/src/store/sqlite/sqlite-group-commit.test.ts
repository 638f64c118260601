import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type GroupCommit, sqliteGroupCommit } from './sqlite-group-commit.js';
import { sqliteReadTurn } from './sqlite-read-turn.js';
import { sqliteRecordMemory } from './sqlite-record-memory.js';

const directory = mkdtempSync(join(tmpdir(), 'tapseal-commit-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

let database: Sqlite.Database;
/** What another process sees: commits, and nothing else. */
let other: Sqlite.Database;
let commits: GroupCommit;
let begun: number;
let files = 0;

beforeEach(() => {
  files += 1;
  const file = join(directory, `${files}.sqlite`);
  database = new Sqlite(file, { timeout: 20 });
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT');
  other = new Sqlite(file, { timeout: 20 });
  const memory = sqliteRecordMemory(database);
  commits = sqliteGroupCommit(database, sqliteReadTurn(database, memory.renew), memory);
  begun = 0;
  commits.onBegin(() => {
    begun += 1;
  });
});
afterEach(() => {
  database.close();
  other.close();
});

const add = (id: number, note = ''): void => {
  database.prepare('INSERT INTO entry VALUES (?, ?)').run(id, note);
};
const count = (): number => database.prepare<[], number>('SELECT count(*) FROM entry').pluck().get() ?? 0;
const entries = (): unknown[] => other.prepare('SELECT id FROM entry ORDER BY id').pluck().all();
const ids = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

test('jobs of one turn share a transaction, each sees those before it, and none is told before the commit', async () => {
  const seen: unknown[] = [];
  const jobs = ids(5).map((id) =>
    commits
      .commit(() => {
        const before = count();
        return () => {
          add(id);
          return before;
        };
      })
      .then((before) => {
        seen.push(entries());
        return before;
      }),
  );
  expect(count()).toBe(0);
  expect(await Promise.all(jobs)).toEqual([0, 1, 2, 3, 4]);
  expect(begun).toBe(1);
  expect(seen).toEqual(ids(5).map(() => ids(5)));
});

test('a job that throws before it writes fails alone, in the same transaction', async () => {
  const fault = new Error('no');
  const jobs = ids(3).map((id) =>
    commits.commit(() => {
      if (id === 2) throw fault;
      return () => add(id);
    }),
  );
  expect(await Promise.allSettled(jobs)).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: fault },
    { status: 'fulfilled' },
  ]);
  expect(entries()).toEqual([1, 3]);
  expect(begun).toBe(1);
});

test('where a write fails everything is rolled back, and each job is run again alone', async () => {
  const seen: number[] = [];
  const jobs = ids(4).map((id) =>
    commits.write(() => {
      seen.push(count());
      add(id);
      // The key is taken: what this job wrote before must go as well.
      if (id === 3) add(1);
    }),
  );
  expect((await Promise.allSettled(jobs)).map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  ]);
  expect(entries()).toEqual([1, 2, 4]);
  expect(seen).toEqual([...[0, 1, 2], ...[0, 1, 2, 2]]);
  expect(begun).toBe(5);
});

test('where the commit itself fails nobody is told of success, and each job is run again alone', async () => {
  database.exec('CREATE TABLE link (id INTEGER REFERENCES entry DEFERRABLE INITIALLY DEFERRED) STRICT');
  const link = database.prepare('INSERT INTO link VALUES (?)');
  const jobs = [
    commits.write(() => add(1)),
    commits.write(() => void link.run(1_000)),
    commits.write(() => void link.run(1)),
  ];
  expect((await Promise.allSettled(jobs)).map(({ status }) => status)).toEqual([
    ...['fulfilled', 'rejected', 'fulfilled'],
  ]);
  expect(entries()).toEqual([1]);
  expect(other.prepare('SELECT id FROM link').pluck().all()).toEqual([1]);
});

test('an error after which SQLite has rolled back by itself is no success of those before it', async () => {
  let isFirst = true;
  const jobs = [
    commits.write(() => add(1)),
    commits.commit(() => {
      if (isFirst) {
        isFirst = false;
        database.exec('ROLLBACK');
        throw new Error('disk I/O error');
      }
      return () => add(2);
    }),
    // Without a transaction this would be written at once, and then again.
    commits.write(() => add(3)),
  ];
  await Promise.all(jobs);
  expect(entries()).toEqual([1, 2, 3]);
});

test('a disk that is full is server_busy, and what was there stays', async () => {
  await commits.write(() => add(1));
  const pages = database.pragma('page_count', { simple: true });
  database.pragma(`max_page_count = ${pages}`);
  await expect(commits.write(() => add(2, 'x'.repeat(100_000)))).rejects.toMatchObject({
    code: 'server_busy',
    cause: { code: 'SQLITE_FULL' },
  });
  expect(entries()).toEqual([1]);
  database.pragma('max_page_count = 1000000');
  await commits.write(() => add(2, 'x'.repeat(100_000)));
  expect(entries()).toEqual([1, 2]);
});

test('a database that another process holds is server_busy, once for all who wait, and works again after it', async () => {
  other.exec('BEGIN IMMEDIATE');
  const answers = await Promise.allSettled(ids(3).map((id) => commits.write(() => add(id))));
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'server_busy' } });
  other.exec('ROLLBACK');
  await commits.write(() => add(7));
  expect(entries()).toEqual([7]);
});

test('no commit is larger than its bound; others have their turn between two of them', async () => {
  const turns: number[] = [];
  const jobs = ids(600).map((id) => commits.write(() => add(id)));
  let next: NodeJS.Immediate;
  const look = (): void => {
    turns.push(entries().length);
    next = setImmediate(look);
  };
  next = setImmediate(look);
  await Promise.all(jobs);
  clearImmediate(next);
  expect(begun).toBe(3);
  expect(turns.slice(0, 2)).toEqual([256, 512]);
});

test('what is asked for while a batch is settled comes with the next one', async () => {
  await commits.write(() => add(1)).then(() => commits.write(() => add(2)));
  expect(entries()).toEqual([1, 2]);
  expect(begun).toBe(2);
});

test('a flush commits all that waits, and nothing twice', async () => {
  const jobs = ids(300).map((id) => commits.write(() => add(id)));
  commits.flush();
  expect(entries()).toHaveLength(300);
  await Promise.all(jobs);
  await commits.write(() => add(301));
  expect(entries()).toHaveLength(301);
});

test('after the database is closed a job is rejected', async () => {
  database.close();
  await expect(commits.write(() => add(1))).rejects.toThrow(/not open/);
});

describe('at the pace of a server', () => {
  const checkpoints = { isLastPass: false, committed: () => undefined, onFree: () => undefined };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const memory = sqliteRecordMemory(database);
    commits = sqliteGroupCommit(database, sqliteReadTurn(database, memory.renew), memory, {
      gapMs: 3,
      checkpoints,
    });
    commits.onBegin(() => {
      begun += 1;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  const crowd = (): Promise<unknown> => Promise.all(ids(3).map((id) => commits.write(() => add(id))));

  test('whoever comes alone, or with one other, is committed at once', async () => {
    for (const id of ids(5)) await commits.write(() => add(id));
    for (const id of [6, 8]) {
      await Promise.all([commits.write(() => add(id)), commits.write(() => add(id + 1))]);
    }
    expect(begun).toBe(7);
  });

  test('after a commit that three shared, those of the next 3 ms share one', async () => {
    await crowd();
    const jobs: Promise<unknown>[] = [];
    for (const id of [4, 5, 6]) {
      jobs.push(commits.write(() => add(id)));
      await turns();
      expect(entries()).toEqual(ids(3));
      vi.advanceTimersByTime(1);
    }
    await Promise.all(jobs);
    expect(entries()).toEqual(ids(6));
    expect(begun).toBe(2);
  });

  test('after one that was not shared by three, or long after, nobody waits', async () => {
    await crowd();
    vi.advanceTimersByTime(3);
    await commits.write(() => add(4));
    await commits.write(() => add(5));
    expect(entries()).toEqual(ids(5));
    expect(begun).toBe(3);
  });

  test('where 32 wait, the gap is over', async () => {
    await crowd();
    const first = commits.write(() => add(4));
    await turns();
    const jobs = ids(34)
      .slice(4)
      .map((id) => commits.write(() => add(id)));
    await turns();
    expect(entries()).toEqual(ids(3));
    await Promise.all([first, ...jobs, commits.write(() => add(35))]);
    expect(entries()).toEqual(ids(35));
    expect(begun).toBe(2);
  });

  test('a flush does not wait for the gap, and leaves nothing to come', async () => {
    await crowd();
    const job = commits.write(() => add(4));
    await turns();
    commits.flush();
    expect(entries()).toEqual(ids(4));
    await job;
    expect(vi.getTimerCount()).toBe(0);
  });
});
