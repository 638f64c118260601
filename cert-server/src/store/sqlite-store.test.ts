import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test, vi } from 'vitest';
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

test('the database and the log beside it are for their owner alone, whatever the directory allows', async () => {
  const file = newFile();
  const store = openSqliteStore(file, 1);
  const modes = ['', '-wal', '-shm'].map((end) => statSync(`${file}${end}`).mode & 0o777);
  await store.close();
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

test('a week of counters is pruned little by little: requests have their turn in between', async () => {
  const file = newFile();
  const store = openSqliteStore(file, 1);
  const database = new Sqlite(file);
  database.pragma('foreign_keys = OFF');
  const insert = database.prepare(`INSERT INTO counter VALUES ('venue', 'offer', ?, 1, ?)`);
  database.transaction(() => {
    for (let i = 0; i < 1_200; i++) insert.run(`shopper/${i}/week/2026-W47`, i);
    insert.run('total', null);
  })();
  const left = () => database.prepare<[], { n: number }>('SELECT count(*) AS n FROM counter').get()?.n;
  const seen: (number | undefined)[] = [];
  const look = setImmediate(() => seen.push(left()));
  await store.prune(40 * 86_400_000);
  clearImmediate(look);
  expect(left()).toBe(1);
  expect(seen[0]).toBeGreaterThan(1);
  database.close();
  await store.close();
});

test('no statement looks at all rows of a programme, but for those that list them', async () => {
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare');
  const file = newFile();
  const store = openSqliteStore(file, 1);
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  const database = new Sqlite(file);
  const whole = statements
    .filter((sql) => /^\s*(?:SELECT|UPDATE|DELETE)/.test(sql))
    .filter((sql) => {
      const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
      const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => [name, null]));
      const unnamed = [...sql.matchAll(/\?/g)].map(() => null);
      const steps = sql.includes('@') ? plan.all(named) : plan.all(...unnamed);
      return steps.some(({ detail }) =>
        /^SEARCH (?:box|rotating_id|o|d|phone|shopper|counter) USING PRIMARY KEY \(programme=\?\)/.test(
          detail,
        ),
      );
    })
    .map((sql) => sql.replaceAll(/\s+/g, ' '));
  expect(whole).toEqual([
    // A revocation looks for all others, for its manifest.
    expect.stringMatching(/^SELECT id FROM box WHERE programme = \? AND revoked_at_ms IS NOT NULL/),
    // The list of offers.
    expect.stringMatching(/^SELECT .* FROM offer o .* WHERE o\.programme = \? ORDER BY o\.id$/),
  ]);
  database.close();
  await store.close();
});
