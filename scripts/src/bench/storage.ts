/**
 * What grants leave behind in each kind of store, in rows and bytes: `npm run bench:storage`. The rows are those that a server
 * writes: keys, certificates and receipts have their real sizes, ids are random.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Asked } from '@tapseal/cert-server/redeem/make-decision';
import { redeemPlan } from '@tapseal/cert-server/redeem/make-decision';
import { signGrant } from '@tapseal/cert-server/redeem/sign-decision';
import type { BoxRecord, PhoneRecord } from '@tapseal/cert-server/store/records';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import { TestBox } from '@tapseal/cert-server/testing/test-box';
import { TestPhone } from '@tapseal/cert-server/testing/test-phone';
import { startTestPostgres, type TestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import { crypto, startTestServer, type TestServer } from '@tapseal/cert-server/testing/test-server';
import { newOffer } from '@tapseal/cert-server/testing/test-store';
import { bytesToHex } from '@tapseal/shared/bytes';
import { FIRST_PREVIOUS_HASH } from '@tapseal/shared/receipt';
import Sqlite from 'better-sqlite3';
import { describeMachine, type Figure, inform, printReport } from './figures.js';

/** Grants of each shopper: what belongs to a shopper is told apart from what belongs to a grant. */
const GRANTS_A_SHOPPER = 2;
const AT_ONCE = 500;

type Sizes = ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>;

const measuredTables = ['decision', 'receipt', 'box_nonce', 'counter', 'shopper', 'phone'] as const;

async function addShoppers(server: TestServer, count: number): Promise<PhoneRecord[]> {
  const { store } = server.context;
  const real = await TestPhone.register(server);
  const certificate = (await store.findPhone('venue', real.id))?.certificate ?? new Uint8Array();
  const phones: PhoneRecord[] = [];
  while (phones.length < count) {
    const registering = Array.from({ length: Math.min(AT_ONCE, count - phones.length) }, () =>
      store.registerPhone('venue', {
        id: crypto.randomBytes(16),
        algorithm: 'Ed25519',
        certificate,
        registeredAtMs: server.nowMs,
        shopperReference: crypto.randomBytes(32),
        newShopper: bytesToHex(crypto.randomBytes(16)),
      }),
    );
    for (const phone of await Promise.all(registering)) {
      if (phone === 'conflict') throw new Error('two shoppers with one reference');
      phones.push(phone);
    }
  }
  return phones;
}

function askedOf(server: TestServer, box: BoxRecord, phone: PhoneRecord): Asked {
  return {
    party: {
      shopper: phone.shopper,
      shopperLabels: {},
      touchpoint: box.name,
      touchpointLabels: {},
    },
    transactionId: crypto.randomBytes(16),
    requestHash: crypto.randomBytes(32),
    phoneId: phone.id,
    shopper: phone.shopper,
    boxId: box.id,
    touchpoint: box.name,
    boxNonce: crypto.randomBytes(16),
    offer: 'offer',
    amountMinor: 0,
    decidedAtMs: server.nowMs,
    receiptsThrough: 0,
    boxManifestVersion: 1,
    voucherKeyId: server.authority.voucherKeyId,
  };
}

/** Each grant with its receipt. @param phones one for each grant */
async function addGrants(
  server: TestServer,
  { box, testBox, phones }: { box: BoxRecord; testBox: TestBox; phones: readonly PhoneRecord[] },
): Promise<void> {
  const { store, authority } = server.context;
  let previousHash: Uint8Array = FIRST_PREVIOUS_HASH;
  let counter = 0;
  let receiptBytes = 0;
  for (let start = 0; start < phones.length; start += AT_ONCE) {
    const asked = phones.slice(start, start + AT_ONCE).map((phone) => askedOf(server, box, phone));
    const answers = await Promise.all(
      asked.map((one) => store.redeem({ ...one, programme: 'venue', nowMs: server.nowMs }, redeemPlan(one))),
    );
    for (const { decision } of answers) {
      if (!decision.granted) throw new Error('not all were granted');
      // A real one, for its size.
      if (receiptBytes === 0) receiptBytes = testBox.receipt(signGrant(authority, decision)).length;
    }
    const receipts = asked.map(({ transactionId }) => {
      counter += 1;
      const hash = crypto.randomBytes(32);
      const receipt = {
        boxId: box.id,
        counter,
        transactionId,
        outcome: 'actuated' as const,
        bytes: crypto.randomBytes(receiptBytes),
        hash,
        previousHash,
      };
      previousHash = hash;
      return receipt;
    });
    const verdicts = await store.addReceipts('venue', receipts, server.nowMs);
    if (!verdicts.every((verdict) => verdict === 'stored')) throw new Error('not all receipts were stored');
  }
}

async function fill(server: TestServer, grants: number): Promise<void> {
  const { store } = server.context;
  const testBox = await TestBox.enrol(server, 'lobby-1');
  const box = await store.findBox('venue', testBox.id);
  if (box === undefined) throw new Error('the box is not there');
  const limits = [
    { maximum: 10 * grants },
    { maximum: GRANTS_A_SHOPPER, per: ['shopper'], period: { unit: 'week' as const } },
  ];
  const audit = { atMs: server.nowMs, token: 'bench', act: 'offer create', object: 'offer' };
  await store.addOffer('venue', newOffer({ rules: { limits } }), audit);
  const phones = await addShoppers(server, grants / GRANTS_A_SHOPPER);
  const each = Array.from({ length: GRANTS_A_SHOPPER }, () => phones).flat();
  await addGrants(server, { box, testBox, phones: each });
}

/** Tables with their indexes. */
function sqliteSizes(server: TestServer): Sizes {
  const database = new Sqlite(join(server.directory, DATABASE_FILE), { readonly: true });
  const bytesOf = database
    .prepare<[string], number>(
      'SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)',
    )
    .pluck();
  const sizes = measuredTables.map((table) => {
    const rows = database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
    return [table, { rows, bytes: bytesOf.get(table) ?? 0 }] as const;
  });
  database.close();
  return new Map(sizes);
}

async function postgresSizes(postgres: TestPostgres, database: string): Promise<Sizes> {
  const sizes: [string, { rows: number; bytes: number }][] = [];
  for (const table of measuredTables) {
    await postgres.query(`VACUUM ${table}`, database);
    const [row] = await postgres.query<{ rows: string; bytes: string }>(
      `SELECT (SELECT count(*) FROM ${table}) AS rows, pg_total_relation_size('${table}') AS bytes`,
      database,
    );
    sizes.push([table, { rows: Number(row?.rows), bytes: Number(row?.bytes) }]);
  }
  return new Map(sizes);
}

function figuresOf(store: string, sizes: Sizes, grants: number): Figure[] {
  const each = measuredTables.map((table) => {
    const { rows, bytes } = sizes.get(table) ?? { rows: Number.NaN, bytes: Number.NaN };
    return inform(`${store}: ${table}, a row with its indexes`, bytes / rows, 'bytes');
  });
  const kept = (['decision', 'receipt'] as const).map((table) => sizes.get(table)?.bytes ?? Number.NaN);
  const sum = kept.reduce((total, bytes) => total + bytes, 0);
  return [...each, inform(`${store}: a grant with its receipt, for ever`, sum / grants, 'bytes')];
}

const { values } = parseArgs({ options: { json: { type: 'boolean' }, grants: { type: 'string' } } });
const grants = Number(values.grants ?? 20_000);

const sqlite = await startTestServer();
await fill(sqlite, grants);
const figures = figuresOf('SQLite', sqliteSizes(sqlite), grants);
await sqlite.close();

const postgres = await startTestPostgres();
const url = await postgres.createDatabase();
const server = await startTestServer({ database: url });
await fill(server, grants);
figures.push(
  ...figuresOf('PostgreSQL', await postgresSizes(postgres, new URL(url).pathname.slice(1)), grants),
);
await server.close();
await postgres.stop();

// Ids are random: no figure depends on them.
printReport({ seed: 0, machine: describeMachine(), figures }, values.json === true);
