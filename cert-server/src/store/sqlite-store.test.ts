import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { openSqliteStore } from './sqlite-store.js';
import { storeContract } from './store.contract.js';

const directory = mkdtempSync(join(tmpdir(), 'tapseal-store-test-'));
let files = 0;

function newFile(): string {
  files += 1;
  return join(directory, `${files}.sqlite`);
}

afterAll(() => rmSync(directory, { recursive: true }));

storeContract('the SQLite store', () => openSqliteStore(newFile(), 0));

test('the database is durable at each commit, and holds every table to its types', async () => {
  const file = newFile();
  await openSqliteStore(file, 0).close();
  const database = new Sqlite(file, { readonly: true });
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  const tables = database
    .prepare<[], { name: string; strict: number }>(
      `SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'`,
    )
    .all();
  expect(tables.filter(({ strict }) => strict === 0)).toEqual([]);
  for (const { name } of tables.filter((table) => !['migration', 'programme'].includes(table.name))) {
    const first = database.prepare<[string], { name: string }>(
      'SELECT name FROM pragma_table_info(?) WHERE pk = 1',
    );
    expect(first.get(name), name).toEqual({ name: 'programme' });
  }
  database.close();
});

test('opening again applies no step twice; a database of a newer program is left alone', async () => {
  const file = newFile();
  await openSqliteStore(file, 1).close();
  await openSqliteStore(file, 2).close();
  const database = new Sqlite(file);
  expect(database.prepare('SELECT * FROM migration').all()).toEqual([{ step: 1, applied_at_ms: 1 }]);
  database.prepare('INSERT INTO migration VALUES (1000, 3)').run();
  database.close();
  expect(() => openSqliteStore(file, 4)).toThrow(/install the newer one/);
});
