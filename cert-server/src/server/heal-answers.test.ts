import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import type { Problem, RedeemAnswer } from '@tapseal/shared/http-api';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorityFiles } from '../authority/key-files.js';
import { canonicalOffer, offerHash } from '../decision/offer-hash.js';
import { redeem } from '../redeem/redeem.js';
import { signGrant, signRefused } from '../redeem/sign-decision.js';
import { DATABASE_FILE } from '../store/store-location.js';
import { TestBox } from '../testing/test-box.js';
import { testOffer } from '../testing/test-offer.js';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import { initialise } from './initialise.js';
import { type RunningServer, startServer } from './start-server.js';

let parent: string;
let server: TestServer;
let box: TestBox;
let phone: TestPhone;
let running: RunningServer | undefined;
let logLines: string[];

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tapseal-heal-'));
  server = await startTestServer();
  box = await TestBox.enrol(server, 'lobby-1');
  phone = await TestPhone.register(server);
  const canonical = canonicalOffer(testOffer({ max: 2 }));
  const version = { offer: testOffer({ max: 2 }), canonical, hash: offerHash(crypto, canonical) };
  const audit = { atMs: server.nowMs, token: 'test', act: 'offer create', object: 'offer' };
  await server.context.store.addOffer('venue', version, audit);
  running = undefined;
  logLines = [];
});
afterEach(async () => {
  await running?.close();
  await server.close();
  rmSync(parent, { recursive: true });
});

/** The data directory as a power cut would leave it: nothing was closed. */
function crashed(): string {
  const directory = join(parent, 'crashed');
  cpSync(server.directory, directory, { recursive: true });
  return directory;
}

async function start(directory: string): Promise<RunningServer> {
  running = await startServer({
    directory,
    host: '127.0.0.1',
    port: 0,
    tls: 'none',
    logLevel: 'info',
    logTo: { write: (line) => logLines.push(line) },
    now: () => server.nowMs,
  });
  return running;
}

async function retry(url: string, request: Uint8Array): Promise<RedeemAnswer & Problem> {
  const reply = await fetch(`${url}/v1/programmes/venue/redemptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ request: bytesToBase64url(request) }),
  });
  return (await reply.json()) as RedeemAnswer & Problem;
}

const healed = (): unknown =>
  logLines.map((line) => JSON.parse(line)).find(({ decisions }) => decisions !== undefined)?.decisions;

function change(directory: string, sql: string): void {
  const database = new Sqlite(join(directory, DATABASE_FILE));
  database.exec(sql);
  database.close();
}

function rowsOf(directory: string): unknown {
  const database = new Sqlite(join(directory, DATABASE_FILE), { readonly: true });
  const rows = ['programme', 'manifest', 'decision', 'audit', 'migration'].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );
  database.close();
  return rows;
}

describe('what was recorded and never answered', () => {
  test('is answered after the start, byte for byte, as is what was answered before', async () => {
    const answered = await phone.request(box, 'offer');
    const first = await phone.redeem(answered);
    const [cut, refused] = [await phone.request(box, 'offer'), await phone.request(box, 'offer')];
    const grant = await redeem(server.context, 'venue', cut);
    const refusal = await redeem(server.context, 'venue', refused);
    if (!grant.decision.granted || refusal.decision.granted) throw new Error('one of each');
    const directory = crashed();
    // Hours later, the nonce is long over: an answer that is on record has no end.
    server.nowMs += 7_200_000;

    const { url } = await start(directory);
    expect(healed()).toBe(3);
    expect(await retry(url, answered)).toEqual(first.body);
    expect((await retry(url, cut)).voucher).toBe(
      bytesToBase64url(signGrant(server.authority, grant.decision)),
    );
    expect((await retry(url, refused)).refusal).toBe(
      bytesToBase64url(signRefused(server.authority, refusal.decision)),
    );
    // Asked again, counted once.
    expect((await server.context.store.findOffer('venue', 'offer'))?.granted).toBe(2);
  });

  test('is looked for in the minutes before the newest record only', async () => {
    await phone.tap(box, 'offer');
    server.nowMs += 300_001;
    await phone.tap(box, 'offer');
    await start(crashed());
    expect(healed()).toBe(1);
  });

  test('an empty store has nothing to heal, and says nothing', async () => {
    await start(crashed());
    expect(healed()).toBeUndefined();
  });
});

describe('a start that could not answer later', () => {
  test('is refused where the voucher key of a decision is gone, and not where nobody waits for it any more', async () => {
    await phone.tap(box, 'offer');
    const directory = crashed();
    change(directory, "UPDATE decision SET voucher_key_id = x'00000000'");
    await expect(start(directory)).rejects.toMatchObject({
      code: 'voucher_key_missing',
      detail: expect.stringContaining('key 00000000'),
    });
    change(directory, 'UPDATE decision SET decided_at_ms = decided_at_ms - 300001');
    change(
      directory,
      `INSERT INTO decision SELECT programme, sequence + 1, randomblob(16), granted, request_hash, phone, shopper, box, touchpoint,
         box_nonce, offer, offer_version, offer_hash, amount_minor, awarded_minor, hold_ends_at_ms, decided_at_ms + 300001,
         manifest_version, receipts_through, box_manifest_version, x'${Buffer.from(server.authority.voucherKeyId).toString('hex')}',
         action, code, rule, used, maximum, resets_at_ms FROM decision`,
    );
    await start(directory);
    expect(healed()).toBe(1);
  });

  test('is refused where voucher key and certificate do not belong together', async () => {
    await phone.tap(box, 'offer');
    const directory = crashed();
    const other = join(parent, 'other');
    const programme = { id: 'other', title: 'Other', timeZone: 'UTC', currency: 'EUR' };
    await initialise({ directory: other, programme });
    cpSync(
      join(other, authorityFiles.voucherCertificate),
      join(directory, authorityFiles.voucherCertificate),
    );
    await expect(start(directory)).rejects.toMatchObject({ code: 'keys_mismatch' });
  });

  test.each([
    ['all keys are others', Object.values(authorityFiles), 'root key'],
    [
      'the voucher key is another',
      [authorityFiles.voucherKey, authorityFiles.voucherCertificate],
      'voucher key',
    ],
    ['the seal key is another', [authorityFiles.sealKey], 'seal key'],
  ])('is refused where %s than those of the database, which stays as it is', async (_what, names, named) => {
    const directory = crashed();
    const other = join(parent, 'other');
    const programme = { id: 'venue', title: 'Venue', timeZone: 'UTC', currency: 'EUR' };
    await initialise({ directory: other, programme });
    for (const name of names) cpSync(join(other, name), join(directory, name));
    const before = rowsOf(directory);
    await expect(start(directory)).rejects.toMatchObject({
      code: 'keys_mismatch',
      detail: expect.stringContaining(named),
    });
    expect(rowsOf(directory)).toEqual(before);
  });
});
