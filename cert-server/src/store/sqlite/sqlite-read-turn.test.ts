import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqliteGroupCommit } from './sqlite-group-commit.js';
import { sqliteReadTurn } from './sqlite-read-turn.js';
import { sqliteRecordMemory } from './sqlite-record-memory.js';

let directory: string;
let database: Sqlite.Database;
let other: Sqlite.Database;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-read-turn-'));
  const file = join(directory, 'turn.sqlite');
  database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE counter (used INTEGER); INSERT INTO counter VALUES (0)');
  other = new Sqlite(file);
});
afterEach(() => {
  database.close();
  other.close();
  rmSync(directory, { recursive: true });
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a turn sees one moment, and the next turn sees what another process has written since', async () => {
  const turn = sqliteReadTurn(database, () => undefined);
  const used = turn.reading(() => database.prepare('SELECT used FROM counter').pluck().get());
  expect(used()).toBe(0);
  other.exec('UPDATE counter SET used = 1');
  expect(used()).toBe(0);
  await nextTurn();
  expect(database.inTransaction).toBe(false);
  expect(used()).toBe(1);
  turn.end();
});

test('what is written in the same turn counts from what another process has written, not from what was read', async () => {
  const memory = sqliteRecordMemory(database);
  const turn = sqliteReadTurn(database, memory.renew);
  const used = turn.reading(() => database.prepare('SELECT used FROM counter').pluck().get() as number);
  const commits = sqliteGroupCommit(database, turn, memory);
  expect(used()).toBe(0);
  other.exec('UPDATE counter SET used = 10');
  const counted = commits.write(() => {
    const seen = used();
    database.prepare('UPDATE counter SET used = ?').run(seen + 1);
    return seen;
  });
  expect(await counted).toBe(10);
  expect(used()).toBe(11);
  turn.end();
});

test('a turn that SQLite has ended by itself is over without a fault', async () => {
  const turn = sqliteReadTurn(database, () => undefined);
  turn.reading(() => database.exec('ROLLBACK'))();
  turn.end();
  expect(turn.reading(() => database.prepare('SELECT used FROM counter').pluck().get())()).toBe(0);
  await nextTurn();
});
