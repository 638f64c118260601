import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, test, vi } from 'vitest';
import { audit, fillStore, newOffer, redeem, sign, transaction } from '../../testing/test-store.js';
import { storeContract } from '../store.contract.js';
import type { RedeemFacts } from '../store-port.js';
import { openSqliteStore } from './sqlite-store.js';

const directory = mkdtempSync(join(tmpdir(), 'tapseal-store-test-'));
let files = 0;

function newFile(): string {
  files += 1;
  return join(directory, `${files}.sqlite`);
}

afterAll(() => rmSync(directory, { recursive: true }));

storeContract('the SQLite store', () => openSqliteStore(newFile(), 0));
const onDeath = (cause: unknown): never => {
  throw cause;
};
storeContract('the SQLite store of a server', () => openSqliteStore(newFile(), 0, { serving: { onDeath } }));

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
  expect(database.prepare('SELECT * FROM migration').all()).toEqual([
    { step: 1, applied_at_ms: 1 },
    { step: 2, applied_at_ms: 1 },
  ]);
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
  const insert = database.prepare(`INSERT INTO counter VALUES ('venue', ?, 1, 0, ?, 0)`);
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

test('within one commit, a redemption sees what was done to its offer just before', async () => {
  const store = openSqliteStore(newFile(), 1);
  await fillStore(store);
  const seen: unknown[] = [];
  const onFacts = ({ offer }: RedeemFacts) => seen.push([offer?.version.version, offer?.paused]);
  const manifests: number[] = [];
  const two = newOffer({ version: 2, title: 'Second' });
  const answers = await Promise.all([
    redeem(store, { id: 1, onFacts }),
    store.setOfferPaused('venue', 'offer', true, audit('offer')),
    redeem(store, { id: 2, onFacts }),
    store.addOfferVersion('venue', two, audit('offer')),
    redeem(store, { id: 3, onFacts }),
    redeem(store, { id: 4, offer: 'later', onFacts }),
    store.addOffer('venue', newOffer({ id: 'later' }), audit('later')),
    redeem(store, { id: 5, offer: 'later', onFacts }),
    store.revokeTouchpoint('venue', 'lobby-1', undefined, sign, audit('lobby-1')),
    redeem(store, { id: 6, onFacts: ({ manifestVersion }) => manifests.push(manifestVersion) }),
  ]);
  expect(seen).toEqual([
    ...[
      [1, false],
      [1, true],
      [2, true],
    ],
    ...[
      [undefined, undefined],
      [1, false],
    ],
  ]);
  expect(manifests).toEqual([2]);
  expect(answers).toHaveLength(10);
  await store.close();
});

test('what one commit remembers of a programme is not believed in the next: another process may have written', async () => {
  const file = newFile();
  const stores = [openSqliteStore(file, 1), openSqliteStore(file, 1)] as const;
  await fillStore(stores[0]);
  for (let id = 1; id <= 6; id++) await redeem(stores[id % 2 === 0 ? 0 : 1], { id });
  await stores[1].addOfferVersion('venue', newOffer({ version: 2, title: 'Second' }), audit('offer'));
  await stores[1].setOfferPaused('venue', 'offer', true, audit('offer'));
  let seen: RedeemFacts['offer'];
  const onFacts = ({ offer }: RedeemFacts) => {
    seen = offer;
  };
  await redeem(stores[0], { id: 7, onFacts });
  expect(seen).toMatchObject({ version: { version: 2 }, paused: true });
  expect((await stores[0].findDecision('venue', transaction(7)))?.sequence).toBe(7);
  expect((await stores[0].findOffer('venue', 'offer'))?.granted).toBe(7);
  for (const store of stores) await store.close();
});

test('closing commits what was asked for before', async () => {
  const file = newFile();
  const store = openSqliteStore(file, 1);
  await fillStore(store);
  const answers = Promise.all([redeem(store, { id: 1 }), redeem(store, { id: 2 })]);
  await store.close();
  expect((await answers).map(({ decision }) => decision.granted)).toEqual([true, true]);
  const again = openSqliteStore(file, 1);
  expect(await again.lastSequence('venue')).toBe(2);
  await again.close();
});

test('no statement looks at all rows of a programme, but for those that list them', async () => {
  const file = newFile();
  await openSqliteStore(file, 1).close();
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare');
  const store = openSqliteStore(file, 1);
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  const database = new Sqlite(file);
  const stepsOf = (sql: string): string[] => {
    const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => [name, null]));
    const unnamed = [...sql.matchAll(/\?/g)].map(() => null);
    return (sql.includes('@') ? plan.all(named) : plan.all(...unnamed)).map(({ detail }) => detail);
  };
  // Tables that grow with the taps, the shoppers and the boxes, and what statements call them.
  const large =
    /^(?:SCAN|SEARCH) (?:box|b|rotating_id|offer|o|v|decision|d|phone|p|shopper|s|counter|c|counter_event|e|hold|h|box_nonce|receipt|r)\b/;
  const whole = statements
    .filter((sql) => /^\s*(?:SELECT|UPDATE|DELETE|INSERT)/.test(sql))
    // The greatest of an index is its last entry.
    .filter((sql) => !/max\(sequence\)|max\(version\)/.test(sql))
    .filter((sql) =>
      stepsOf(sql).some(
        (step) => large.test(step) && (step.startsWith('SCAN') || /\(programme=\?\)$/.test(step)),
      ),
    )
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
