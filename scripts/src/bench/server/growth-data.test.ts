import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { totalKey } from '@tapseal/cert-server/decision/counters';
import { NO_LABELS } from '@tapseal/cert-server/decision/labels';
import { redeemPlan } from '@tapseal/cert-server/redeem/make-decision';
import { openSqliteStore } from '@tapseal/cert-server/store/sqlite/sqlite-store';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import type { Store } from '@tapseal/cert-server/store/store-port';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { FIRST_PREVIOUS_HASH } from '@tapseal/shared/receipt';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boxId, boxName, type Crowd, OFFER, PROGRAMME, phoneSigner } from './crowd.js';
import { growDatabase } from './growth-data.js';
import { makeInstallation } from './installation.js';

const crypto = createNativeCrypto();
const crowd: Crowd = { keySeed: 7, phones: 4, boxes: 3 };
const OWN_GRANTS = 8;
const VOUCHERS = 1_000;
const SHOPPERS = 150;

/** Of each box, the hash of its last receipt. */
const lastHashes = new Map<number, Uint8Array>();

let folder = '';
let file = '';

/** To phone `index`. @returns its transaction */
async function grant(store: Store, index: number): Promise<Uint8Array> {
  const nowMs = Date.now();
  const phone = await store.findPhone(
    PROGRAMME,
    phoneIdOf(crypto, phoneSigner(crypto, crowd, index % crowd.phones).publicKey),
  );
  if (phone === undefined) throw new Error('no such phone');
  const box = index % crowd.boxes;
  const id = boxId(crypto, crowd, box);
  const touchpoint = boxName(box);
  const [transactionId, boxNonce] = [crypto.randomBytes(16), crypto.randomBytes(16)];
  const { decision } = await store.redeem(
    { programme: PROGRAMME, transactionId, boxId: id, boxNonce, offer: OFFER, nowMs },
    redeemPlan({
      party: { shopper: phone.shopper, shopperLabels: NO_LABELS, touchpoint, touchpointLabels: NO_LABELS },
      transactionId,
      requestHash: crypto.randomBytes(32),
      phoneId: phone.id,
      shopper: phone.shopper,
      boxId: id,
      touchpoint,
      boxNonce,
      offer: OFFER,
      amountMinor: 0,
      decidedAtMs: nowMs,
      receiptsThrough: 0,
      boxManifestVersion: 1,
      voucherKeyId: crypto.randomBytes(4),
    }),
  );
  if (!decision.granted) throw new Error(decision.code);
  return transactionId;
}

/** The next receipt of the box that `grant` chose. */
async function confirm(store: Store, index: number, transactionId: Uint8Array): Promise<void> {
  const box = index % crowd.boxes;
  const hash = crypto.randomBytes(32);
  const receipt = {
    boxId: boxId(crypto, crowd, box),
    counter: Math.floor(index / crowd.boxes) + 1,
    transactionId,
    outcome: 'actuated' as const,
    bytes: crypto.randomBytes(150),
    hash,
    previousHash: lastHashes.get(box) ?? FIRST_PREVIOUS_HASH,
  };
  lastHashes.set(box, hash);
  const [verdict] = await store.addReceipts(PROGRAMME, [receipt], Date.now());
  if (verdict !== 'stored') throw new Error(verdict);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapseal-growth-'));
  const { directory } = await makeInstallation(join(folder, 'data'), crowd);
  file = join(directory, DATABASE_FILE);
  const store = openSqliteStore(file, Date.now());
  for (let index = 0; index < OWN_GRANTS; index++) await confirm(store, index, await grant(store, index));
  await store.close();
  growDatabase(file, { vouchers: VOUCHERS, shoppers: SHOPPERS }, Date.now(), () => {});
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function numbers(sql: string): unknown[] {
  const database = new Sqlite(file, { readonly: true });
  try {
    return database.prepare(sql).raw().all().flat();
  } finally {
    database.close();
  }
}

test('every table holds what so many grants leave behind', () => {
  expect(numbers('SELECT count(*), count(DISTINCT transaction_id), max(sequence) FROM decision')).toEqual([
    VOUCHERS,
    VOUCHERS,
    VOUCHERS,
  ]);
  expect(numbers('SELECT count(*) FROM shopper')).toEqual([SHOPPERS]);
  expect(numbers('SELECT count(*) FROM phone')).toEqual([SHOPPERS]);
  expect(numbers('SELECT count(*) FROM receipt')).toEqual([VOUCHERS]);
  expect(numbers('SELECT count(*) FROM box_nonce')).toEqual([VOUCHERS]);
  expect(numbers("SELECT count(*) FROM counter WHERE key LIKE '%|shopper/%'")).toEqual([SHOPPERS]);
});

test('rows refer to rows that are there', () => {
  expect(numbers('PRAGMA foreign_key_check')).toEqual([]);
  expect(numbers('PRAGMA integrity_check')).toEqual(['ok']);
  const orphans = `SELECT count(*) FROM decision d
    LEFT JOIN phone p ON p.programme = d.programme AND p.id = d.phone AND p.shopper = d.shopper
    LEFT JOIN box b ON b.programme = d.programme AND b.id = d.box AND b.name = d.touchpoint
    LEFT JOIN receipt r ON r.programme = d.programme AND r.transaction_id = d.transaction_id AND r.box = d.box
    LEFT JOIN box_nonce n ON n.programme = d.programme AND n.box = d.box AND n.nonce = d.box_nonce
    WHERE p.id IS NULL OR b.id IS NULL OR r.counter IS NULL OR n.nonce IS NULL`;
  expect(numbers(orphans)).toEqual([0]);
  const chains =
    'SELECT count(*) FROM box WHERE receipts_through <> (SELECT count(*) FROM receipt r WHERE r.box = box.id)';
  expect(numbers(chains)).toEqual([0]);
});

test('the server goes on from there', async () => {
  const store = openSqliteStore(file, Date.now());
  try {
    expect((await store.findOffer(PROGRAMME, OFFER))?.granted).toBe(VOUCHERS);
    expect(await store.lastSequence(PROGRAMME)).toBe(VOUCHERS);
    await grant(store, VOUCHERS);
    expect(await store.lastSequence(PROGRAMME)).toBe(VOUCHERS + 1);
  } finally {
    await store.close();
  }
  expect(numbers(`SELECT used FROM counter WHERE key = '${totalKey(OFFER)}'`)).toEqual([VOUCHERS + 1]);
});
