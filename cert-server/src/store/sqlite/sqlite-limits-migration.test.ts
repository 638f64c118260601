import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { compiledLimitsOf } from '../../decision/compiled-limits.js';
import { countersOf } from '../../decision/counters.js';
import { canonicalOffer } from '../../decision/offer-hash.js';
import { audit, bytes, receipt, redeem, sign, T, transaction } from '../../testing/test-store.js';
import { migrate, steps } from './sqlite-migrations.js';
import { openSqliteStore } from './sqlite-store.js';

const directory = mkdtempSync(join(tmpdir(), 'tapseal-migration-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

let file: string;
let files = 0;

const firstOffer = {
  id: 'gate',
  version: 1,
  title: 'Gate "A" – früh',
  touchpoints: ['lobby-1'],
  action: 'open',
  amountMinor: 250,
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  rules: {
    max: 100,
    perDay: 1,
    perWeek: 2,
    perMonth: 3,
    from: '22:00',
    until: '02:00',
    weekdays: ['fri', 'sat'],
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
  },
  validFromMs: 1,
  validToMs: 2,
};

/** What the first step's program wrote: two programmes, offers, a grant with its receipt, a refusal, and counters. */
function fillFirstStep(database: Sqlite.Database): void {
  const insert = (table: string, row: Record<string, unknown>) =>
    database
      .prepare(
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).map(() => '?')})`,
      )
      .run(...Object.values(row));
  const decision = {
    request_hash: bytes(32, 4),
    phone: bytes(16, 1),
    shopper: 'shopper-1',
    box: bytes(8, 1),
    touchpoint: 'lobby-1',
    offer: 'gate',
    offer_version: 1,
    amount_minor: 250,
    manifest_version: 1,
    receipts_through: 0,
    box_manifest_version: 1,
    voucher_key_id: bytes(4, 1),
  };
  for (const [index, programme] of ['venue', 'other'].entries()) {
    insert('programme', { id: programme, title: 'V', time_zone: 'UTC', currency: 'EUR', created_at_ms: T });
    insert('manifest', { programme, version: 1, bytes: bytes(1, 1) });
    insert('touchpoint', { programme, name: 'lobby-1', title: 'L', place: 'left', created_at_ms: T });
    insert('box', {
      ...{ programme, id: bytes(8, 1), name: 'lobby-1', certificate: bytes(9, 1), enrolled_at_ms: T },
      ...{ epoch: 0, advert_key: bytes(32, 1), counter_s: 0, seen_at_ms: T },
    });
    insert('shopper', { programme, id: 'shopper-1', reference: bytes(32, 7), created_at_ms: T });
    insert('phone', {
      ...{ programme, id: bytes(16, 1), shopper: 'shopper-1', algorithm: 'Ed25519' },
      ...{ certificate: bytes(9, 1), registered_at_ms: T },
    });
    for (const offer of [firstOffer, { ...firstOffer, id: 'free', rules: {} }]) {
      insert('offer', { programme, id: offer.id, version: 1, created_at_ms: T });
      const body = JSON.stringify(offer);
      insert('offer_version', { programme, offer: offer.id, version: 1, body, created_at_ms: T });
      insert('offer_touchpoint', { programme, touchpoint: 'lobby-1', offer: offer.id });
    }
    for (const [key, used, resets] of [
      ['total', 5 + index, null],
      ['shopper/shopper-1/day/2026-11-22', 1, T + 1],
      ['shopper/shopper-1/week/2026-W47', 2, T + 2],
      ['shopper/shopper-1/week/2026-W01', 1, T + 2],
      ['shopper/shopper-1/week/2026-W53', 1, T + 2],
      ['shopper/shopper-1/month/2026-11', 3, T + 3],
    ] as const) {
      insert('counter', { programme, offer: 'gate', key, used, resets_at_ms: resets });
    }
    // Written in another order than that of their numbers.
    const refusal = { code: 'limit_reached', rule: 'once a day', used: 1, maximum: 1, resets_at_ms: T + 1 };
    const row = { ...decision, programme };
    insert('decision', {
      ...{ ...row, ...refusal, transaction_id: transaction(2), sequence: 2, granted: 0 },
      ...{ decided_at_ms: T + 2, box_nonce: bytes(16, 2) },
    });
    insert('decision', {
      ...{ ...row, transaction_id: transaction(1), sequence: 1, granted: 1, action: 'open' },
      ...{ decided_at_ms: T + 1, box_nonce: bytes(16, 1) },
    });
    const unknown = { code: 'offer_unknown', rule: 'an offer', used: 0, maximum: 0, offer_version: 0 };
    insert('decision', {
      ...{ ...row, ...unknown, offer: 'gone', transaction_id: transaction(3), sequence: 3, granted: 0 },
      ...{ decided_at_ms: T + 3, box_nonce: bytes(16, 3) },
    });
    insert('box_nonce', {
      ...{ programme, box: bytes(8, 1), nonce: bytes(16, 1), transaction_id: transaction(1) },
      used_at_ms: T + 1,
    });
    const { counter, outcome, hash, previousHash, bytes: text } = receipt(1, 1, 11, 0);
    insert('receipt', {
      ...{ programme, box: bytes(8, 1), counter, transaction_id: transaction(1), outcome, bytes: text },
      ...{ hash, previous_hash: previousHash, received_at_ms: T + 9 },
    });
  }
}

beforeEach(() => {
  files += 1;
  file = join(directory, `${files}.sqlite`);
  const database = new Sqlite(file);
  database.exec('CREATE TABLE migration (step INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT');
  steps[0]?.(database);
  database.prepare('INSERT INTO migration VALUES (1, 1)').run();
  fillFirstStep(database);
  database.close();
});

test('offers have the new rules, in canonical JSON, and the hash of it', async () => {
  const store = openSqliteStore(file, T);
  const [version, ...rest] = await store.listOfferVersions('venue', 'gate', { countMax: 9 });
  expect(rest).toEqual([]);
  const { rules: _, validFromMs: _from, validToMs: _to, ...kept } = firstOffer;
  expect(version?.offer).toEqual({
    ...kept,
    keys: {},
    rules: {
      limits: [
        { maximum: 100 },
        { maximum: 1, per: ['shopper'], period: { unit: 'day' } },
        { maximum: 2, per: ['shopper'], period: { unit: 'week' } },
        { maximum: 3, per: ['shopper'], period: { unit: 'month' } },
      ],
      windows: [{ from: '22:00', until: '02:00', weekdays: ['fri', 'sat'] }],
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
    },
  });
  if (version === undefined) throw new Error('no version');
  expect(version.canonical).toBe(canonicalOffer(version.offer));
  expect(Buffer.from(version.hash)).toEqual(createHash('sha256').update(version.canonical).digest());
  expect(version.createdAtMs).toBe(T);
  expect((await store.findOffer('venue', 'free'))?.offer.rules).toEqual({});
  expect((await store.offersAt('venue', 'lobby-1')).map(({ offer }) => offer.id)).toEqual(['free', 'gate']);
  await store.close();
});

test('counters go on under the keys that the limits of the same offers ask for', async () => {
  const store = openSqliteStore(file, T);
  const found = await store.findOffer('venue', 'gate');
  if (found === undefined) throw new Error('no offer');
  const party = {
    ...{ shopper: 'shopper-1', shopperLabels: {} },
    ...{ touchpoint: 'lobby-1', touchpointLabels: {} },
  };
  const at = async (date: string) => {
    const counters = countersOf(found.offer, party, Date.parse(date));
    const used = await store.readCounters('venue', counters, T);
    return counters.map(({ key }) => used.get(key)?.used);
  };
  // Sunday of week 47 and the days around it.
  expect(await at('2026-11-22T12:00:00Z')).toEqual([5, 1, 2, 3]);
  expect(await at('2026-11-23T12:00:00Z')).toEqual([5, 0, 0, 3]);
  expect(await at('2026-11-16T12:00:00Z')).toEqual([5, 0, 2, 3]);
  // The first week of 2026 begins in 2025, the last one ends in 2027.
  expect(await at('2025-12-29T12:00:00Z')).toEqual([5, 0, 1, 0]);
  expect(await at('2027-01-03T12:00:00Z')).toEqual([5, 0, 1, 0]);
  expect(compiledLimitsOf(found.offer)).toHaveLength(4);
  expect(found.granted).toBe(5);
  expect((await store.findOffer('other', 'gate'))?.granted).toBe(6);
  await store.close();
});

test('decisions, nonces and receipts are all there, and more can follow', async () => {
  const store = openSqliteStore(file, T);
  const hash = (await store.findOffer('venue', 'gate'))?.hash;
  const query = { after: 0, countMax: 9, refusals: true, newestFirst: false };
  for (const programme of ['venue', 'other']) {
    const recorded = await store.listDecisions(programme, query);
    expect(recorded).toMatchObject([
      {
        sequence: 1,
        decision: {
          ...{ granted: true, action: 'open', amountMinor: 250, awardedMinor: 250, offerHash: hash },
          ...{ decidedAtMs: T + 1, boxNonce: bytes(16, 1), requestHash: bytes(32, 4) },
        },
        receipt: { outcome: 'actuated', counter: 1, receivedAtMs: T + 9 },
      },
      {
        sequence: 2,
        decision: {
          ...{ granted: false, code: 'limit_reached', rule: 'once a day', used: 1, maximum: 1 },
          ...{ resetsAtMs: T + 1, offerHash: hash },
        },
      },
      { sequence: 3, decision: { granted: false, offer: 'gone', offerHash: undefined } },
    ]);
    expect(recorded.map(({ hold }) => hold)).toEqual([undefined, undefined, undefined]);
    const grants = await store.listDecisions(programme, { ...query, refusals: false });
    expect(grants.map(({ sequence }) => sequence)).toEqual([1]);
  }
  expect(await store.findPhone('venue', bytes(16, 1))).toMatchObject({
    shopper: 'shopper-1',
    shopperLabels: {},
  });
  expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ touchpointLabels: {} });
  expect(await store.addReceipts('venue', [receipt(1, 1, 11, 0)], T)).toEqual(['known']);

  const seen: boolean[] = [];
  const onFacts = ({ boxNonceUsed }: { boxNonceUsed: boolean }) => seen.push(boxNonceUsed);
  await redeem(store, { id: 4, offer: 'gate', onFacts });
  expect((await store.findDecision('venue', transaction(4)))?.sequence).toBe(4);
  expect((await store.findOffer('venue', 'gate'))?.granted).toBe(6);
  expect(await redeem(store, { id: 1, offer: 'gate' })).toMatchObject({ recordedBefore: true });
  expect(await store.revokeTouchpoint('venue', 'lobby-1', undefined, sign, audit('lobby-1'))).toBe(true);
  await store.close();
  const database = new Sqlite(file);
  expect(database.pragma('foreign_key_check')).toEqual([]);
  expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(() => database.prepare(`UPDATE offer_version SET body = '{}'`).run()).toThrow(/immutable/);
  database.close();
});

test('another process that migrates first is not followed by the same step', () => {
  const database = new Sqlite(file);
  const other = new Sqlite(file);
  const transact = database.transaction.bind(database);
  vi.spyOn(database, 'transaction').mockImplementation((run) => {
    migrate(other, T);
    return transact(run);
  });
  migrate(database, T + 1);
  expect(database.prepare('SELECT * FROM migration').all()).toEqual([
    { step: 1, applied_at_ms: 1 },
    { step: 2, applied_at_ms: T },
  ]);
  other.close();
  database.close();
});

test('a step that fails leaves the database as it was', () => {
  const database = new Sqlite(file);
  database
    .prepare(`UPDATE counter SET key = 'shopper/shopper-1/week/unheard-of' WHERE key LIKE '%W47'`)
    .run();
  const before = database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();
  expect(() => migrate(database, T)).toThrow();
  expect(database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()).toEqual(before);
  expect(database.prepare('SELECT * FROM migration').all()).toEqual([{ step: 1, applied_at_ms: 1 }]);
  database.close();
});
