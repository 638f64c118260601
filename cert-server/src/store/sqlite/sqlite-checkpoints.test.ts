/** With the thread of the built file, as everywhere. */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteCheckpoints } from './sqlite-checkpoints.js';
import { sqliteGroupCommit } from './sqlite-group-commit.js';
import { sqliteReadTurn } from './sqlite-read-turn.js';
import { sqliteRecordMemory } from './sqlite-record-memory.js';

type LogState = { readonly log: number; readonly checkpointed: number };

const PAGES = 200;
/** Far more than any of these tests needs. */
const COMMITS_MAX = 20_000;

const directory = mkdtempSync(join(tmpdir(), 'tapseal-checkpoints-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

let database: Sqlite.Database;
let checkpoints: SqliteCheckpoints;
let write: () => Promise<void>;
let written = 0;
let files = 0;
const deaths: unknown[] = [];
const threads: Worker[] = [];
const note = (thread: Worker): void => {
  threads.push(thread);
};

beforeEach(() => {
  process.on('worker', note);
  files += 1;
  database = new Sqlite(join(directory, `${files}.sqlite`));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT');
  checkpoints = new SqliteCheckpoints(database, { pages: PAGES, onDeath: (cause) => deaths.push(cause) });
  const memory = sqliteRecordMemory(database);
  const turn = sqliteReadTurn(database, memory.renew);
  const commits = sqliteGroupCommit(database, turn, memory, { gapMs: 0, checkpoints });
  const add = database.prepare('INSERT INTO entry VALUES (?, ?)');
  written = 0;
  // A page of its own for each.
  write = () => commits.write(() => void add.run(++written, 'x'.repeat(4_000)));
});
afterEach(async () => {
  process.off('worker', note);
  await checkpoints.close();
  database.close();
  expect(deaths.splice(0)).toEqual([]);
  threads.length = 0;
});

function logState(): LogState {
  return database.prepare<[], LogState>('PRAGMA wal_checkpoint(NOOP)').get() ?? { log: 0, checkpointed: 0 };
}

/** Writes, one commit after another, until the state of the log is as expected. */
async function writeUntil(isReached: (state: LogState) => boolean): Promise<void> {
  for (let commit = 0; commit < COMMITS_MAX; commit++) {
    await write();
    const state = logState();
    if (isReached(state)) return;
    // Where a commit costs next to nothing, hundreds are made before a thread has begun: it is given time.
    if (threads.length > 0 && state.log > 1.5 * PAGES) await sleep(5);
  }
  throw new Error(`not within ${COMMITS_MAX} commits: ${JSON.stringify(logState())}`);
}

/** @returns how long it was before */
async function writeUntilBegunAnew(): Promise<number> {
  let longest = 0;
  await writeUntil(({ log }) => {
    if (log < longest) return true;
    longest = log;
    return false;
  });
  return longest;
}

/** What is in the file itself, without its log. */
function entriesInFile(): unknown {
  const alone = `${database.name}.alone`;
  copyFileSync(database.name, alone);
  const copy = new Sqlite(alone);
  const count = copy.prepare('SELECT count(*) FROM entry').pluck().get();
  copy.close();
  return count;
}

test('a log of so many pages is moved by a thread, and begun anew again and again', async () => {
  for (let round = 0; round < 5; round++) {
    const longest = await writeUntilBegunAnew();
    expect(longest).toBeGreaterThanOrEqual(PAGES);
    // The main connection would have done it there.
    expect(longest).toBeLessThan(4 * PAGES);
  }
  expect(threads).toHaveLength(1);
  // The last one is all that the new log has.
  expect(entriesInFile()).toBe(written - 1);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('there is no thread before there is a checkpoint to make', async () => {
  await writeUntil(({ log }) => log >= PAGES / 2);
  expect(threads).toHaveLength(0);
});

test('a reader that keeps the log keeps nobody from writing, and afterwards it is begun anew', async () => {
  const reader = new Sqlite(database.name, { readonly: true });
  reader.exec('BEGIN');
  const seen = reader.prepare('SELECT count(*) FROM entry').pluck();
  expect(seen.get()).toBe(0);
  await writeUntil(({ log }) => log > 2 * PAGES);
  let passes = 0;
  threads[0]?.on('message', () => {
    passes += 1;
  });
  await writeUntil(({ log }) => log > 8 * PAGES);
  expect(seen.get()).toBe(0);
  // Nor is it tried again and again.
  expect(passes).toBeGreaterThan(0);
  expect(passes).toBeLessThan(40);
  reader.exec('COMMIT');
  expect(seen.get()).toBe(written);
  await writeUntilBegunAnew();
  reader.close();
});

test('where the thread dies it is said once, and the main connection makes the checkpoints', async () => {
  await writeUntilBegunAnew();
  const [thread] = threads;
  if (thread === undefined) throw new Error('there is no thread');
  const exited = new Promise((resolve) => thread.once('exit', resolve));
  await thread.terminate();
  await exited;
  expect(deaths.splice(0)).toMatchObject([{ message: expect.stringMatching(/ended with exit code 1/) }]);
  for (let round = 0; round < 3; round++) {
    expect(await writeUntilBegunAnew()).toBeLessThan(2 * PAGES);
  }
  expect(threads).toHaveLength(1);
});

test('where it dies in the last pass, those who wait for its end go on', async () => {
  await writeUntil(() => checkpoints.isLastPass);
  const [thread] = threads;
  if (thread === undefined) throw new Error('there is no thread');
  thread.removeAllListeners('message');
  await Promise.all([thread.terminate(), write()]);
  expect(deaths.splice(0)).toHaveLength(1);
});

test('a thread that cannot open the database keeps nobody waiting', async () => {
  // As another program that has the file to itself would have it.
  rmSync(database.name);
  for (let i = 0; i < 3 * PAGES; i++) await write();
  while (deaths.length === 0) await write();
  expect(deaths.splice(0)).toMatchObject([{ code: 'SQLITE_CANTOPEN' }]);
  await write();
});

test('where the log cannot be looked at, a commit that was made is no failure', async () => {
  await write();
  database.close();
  expect(() => checkpoints.committed()).not.toThrow();
  await expect(write()).rejects.toThrow(/not open/);
});

test('commits wait for the last pass, and for no longer', async () => {
  let isLastPass = true;
  let free = (): void => undefined;
  const memory = sqliteRecordMemory(database);
  const commits = sqliteGroupCommit(database, sqliteReadTurn(database, memory.renew), memory, {
    gapMs: 0,
    checkpoints: {
      get isLastPass() {
        return isLastPass;
      },
      committed: () => undefined,
      onFree: (listener) => {
        free = listener;
      },
    },
  });
  const count = database.prepare('SELECT count(*) FROM entry').pluck();
  const jobs = [1, 2].map((id) =>
    commits.write(() => database.prepare("INSERT INTO entry VALUES (?, '')").run(id)),
  );
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(count.get()).toBe(0);
  isLastPass = false;
  free();
  await Promise.all(jobs);
  expect(count.get()).toBe(2);
});

test('closing in the middle of a checkpoint loses nothing', async () => {
  for (let i = 0; i < PAGES; i++) await write();
  await checkpoints.close();
  database.close();
  database = new Sqlite(database.name);
  expect(database.prepare('SELECT count(*) FROM entry').pluck().get()).toBe(written);
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(statSync(database.name).size).toBeGreaterThan(PAGES * 4_096);
});
