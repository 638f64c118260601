import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GroupCommit, sqliteGroupCommit } from './sqlite-group-commit.js';
import { type ReadTurn, sqliteReadTurn } from './sqlite-read-turn.js';
import { type RecordMemory, type RememberedRecords, sqliteRecordMemory } from './sqlite-record-memory.js';

type Box = { id: string; state: string };

let directory: string;
let database: Sqlite.Database;
let other: Sqlite.Database;
let memory: RecordMemory;
let turn: ReadTurn;
let commits: GroupCommit;
let boxes: RememberedRecords<string, Box>;
let reads: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-record-memory-'));
  const file = join(directory, 'memory.sqlite');
  database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE box (programme TEXT, id TEXT, state TEXT);
    INSERT INTO box VALUES ('a', '1', 'enrolled'), ('a', '2', 'enrolled'), ('b', '1', 'of b')`);
  other = new Sqlite(file);
  memory = sqliteRecordMemory(database);
  turn = sqliteReadTurn(database, memory.renew);
  commits = sqliteGroupCommit(database, turn, memory);
  const select = database.prepare<[string, string], Box>(
    'SELECT id, state FROM box WHERE programme = ? AND id = ?',
  );
  reads = [];
  boxes = memory.records(
    (programme, id: string) => {
      reads.push(`${programme}/${id}`);
      return select.get(programme, id);
    },
    { idOf: (id) => id, countMax: 2 },
  );
});
afterEach(() => {
  turn.end();
  database.close();
  other.close();
  rmSync(directory, { recursive: true });
});

const find = (programme: string, id: string): Box | undefined => turn.reading(boxes.find)(programme, id);
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a record is read once, for each programme by itself', async () => {
  expect(find('a', '1')?.state).toBe('enrolled');
  expect(find('b', '1')?.state).toBe('of b');
  await nextTurn();
  expect(find('a', '1')).toBe(find('a', '1'));
  expect(reads).toEqual(['a/1', 'b/1']);
});

test('what another process writes is seen by the next turn', async () => {
  find('a', '1');
  await nextTurn();
  other.exec("UPDATE box SET state = 'revoked' WHERE id = '1'");
  expect(find('a', '1')?.state).toBe('revoked');
});

test('what another process writes between a read and a commit of our own is seen as well', async () => {
  find('a', '1');
  await nextTurn();
  other.exec("UPDATE box SET state = 'revoked' WHERE id = '1'");
  await commits.commit(() => () => database.exec("UPDATE box SET state = 'moved' WHERE id = '2'"));
  expect(find('a', '1')?.state).toBe('revoked');
});

test('a write forgets everything, before its promise settles', async () => {
  find('a', '1');
  await commits.write(() => database.exec("UPDATE box SET state = 'revoked'"));
  expect(find('a', '1')?.state).toBe('revoked');
});

test('a commit forgets what it names, and nothing else', async () => {
  find('a', '1');
  find('a', '2');
  await commits.commit(() => () => {
    boxes.forget('a', '1');
    database.exec("UPDATE box SET state = 'moved' WHERE programme = 'a' AND id = '1'");
  });
  expect(find('a', '1')?.state).toBe('moved');
  find('a', '2');
  expect(reads).toEqual(['a/1', 'a/2', 'a/1']);
});

test('what is not there is not remembered, and the oldest record goes first', () => {
  for (const id of ['3', '1', '3', '2']) find('a', id);
  find('b', '1');
  find('a', '2');
  find('a', '1');
  expect(reads).toEqual(['a/3', 'a/1', 'a/3', 'a/2', 'b/1', 'a/1']);
});
