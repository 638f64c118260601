/**
 * Every command against the real server, in the order in which an operator meets them. The server, and the commands that set
 * up, watch and save, are processes of the built files; the many short ones run here.
 */

import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { base64urlToBytes, bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { EnrolmentResponse } from '@tapseal/shared/http-api';
import { verifyManifest } from '@tapseal/shared/manifest';
import { Parse } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBox, type TestBox, TestPhone } from './testing/tap.js';
import { type Finished, type Home, makeHome, type Running } from './testing/tapseal-process.js';

const crypto = createNativeCrypto();
const offerCommand =
  'offer create free-coffee --touchpoint lobby-1 --action dispense --max 100 --until 23:59 --per-week 1';

const ownProcess = ['init', 'serve', 'backup', 'restore'];
const startedIn = process.cwd();

let home: Home;
let server: Running;
let url: string;
let initialised: Finished;
let ownerToken: string;

const configFile = (): string => home.path('config/tapseal/config.json');

function readProfile(): { server: string; token: string } {
  return JSON.parse(readFileSync(configFile(), 'utf8')).profiles.default;
}

function changeProfile(change: Record<string, string>): void {
  const config = JSON.parse(readFileSync(configFile(), 'utf8'));
  Object.assign(config.profiles.default, change);
  writeFileSync(configFile(), JSON.stringify(config));
}

async function serve(port: string): Promise<void> {
  server = home.start(['serve', '--port', port, '--log-level', 'error', '--json']);
  url = JSON.parse(await server.until('stdout', (text) => text.endsWith('\n'))).url;
}

async function stop(): Promise<Finished> {
  server.child.kill('SIGTERM');
  return server.finished;
}

function run(line: string, env?: Record<string, string>): Promise<Finished> {
  const args = line.split(' ');
  return ownProcess.includes(args[0] ?? '') ? home.run(args, env) : home.call(args, env);
}

/** Runs with --json; the run must succeed. */
async function json(line: string, env?: Record<string, string>) {
  const { code, stdout, stderr } = await run(`${line} --json`, env);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

/** Runs with --json; the run must fail with this exit code, and leave standard output alone. */
async function fault(code: number, line: string, env?: Record<string, string>) {
  const result = await run(`${line} --json`, env);
  expect({ line, code: result.code, stdout: result.stdout }).toEqual({ line, code, stdout: '' });
  return JSON.parse(result.stderr);
}

type Fault = readonly [code: number, line: string, problem: object, env?: Record<string, string>];

/** Faults that have nothing to do with each other, at the same time. */
async function faults(...list: readonly Fault[]): Promise<void> {
  await Promise.all(
    list.map(async ([code, line, problem, env]) =>
      expect(await fault(code, line, env)).toMatchObject(problem),
    ),
  );
}

/** A zone in which it is about noon: no window, day or week ends while these tests run. Its sign is that of POSIX. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

beforeAll(async () => {
  home = makeHome();
  process.chdir(home.directory);
  initialised = await run(`init --programme north-mall --time-zone ${zoneAtNoon()} --currency EUR`);
  ownerToken = readProfile().token;
  await serve('0');
  changeProfile({ server: url });
});

afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.finished;
  process.chdir(startedIn);
  home.remove();
});

describe('init', () => {
  test('makes a server and a profile, both for their owner alone, and shows no token', () => {
    expect(initialised).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(configFile()).mode & 0o777).toBe(0o600);
    expect(statSync(home.path('config/tapseal')).mode & 0o777).toBe(0o700);
    expect(statSync(home.path('data/tapseal')).mode & 0o777).toBe(0o700);
    expect(ownerToken).toMatch(/^tps_/);
    expect(initialised.stdout).not.toContain(ownerToken);
  });

  test('overwrites neither the profile nor the data directory', async () => {
    await faults(
      [2, 'init', { code: 'usage_invalid' }],
      [1, 'init --profile second', { code: 'already_initialised' }],
    );
    expect(readProfile().token).toBe(ownerToken);
  });
});

describe('touchpoints and offers', () => {
  test('add prints the code in groups, until when it holds, and what to type on the box', async () => {
    const { code, stdout } = await run('touchpoint add gate-1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Enrolment code for gate-1, once, until \d{4}-/);
    expect(stdout).toMatch(/^ {2}(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}$/m);
    expect(stdout).toContain(`tapseal-beacon enroll --server ${url}`);
    expect(stdout).not.toContain('█');
    expect((await run('touchpoint add gate-2 --qr')).stdout).toContain('█▀');
  });

  test('add, code, show and list', async () => {
    const added = await json('touchpoint add lobby-1 --title Coffee --place Lobby');
    expect(added).toMatchObject({ touchpoint: { name: 'lobby-1', state: 'waiting', place: 'Lobby' } });
    const again = await json('touchpoint code lobby-1');
    expect(again.enrolmentCode).not.toBe(added.enrolmentCode);
    expect(await json('touchpoint show lobby-1')).toMatchObject({ title: 'Coffee', state: 'waiting' });
    expect((await run('touchpoint show lobby-1')).stdout).toContain('No box is enrolled under this name');
    const { touchpoints } = await json('touchpoint list');
    expect(touchpoints.map((one: { name: string }) => one.name).sort()).toEqual([
      'gate-1',
      'gate-2',
      'lobby-1',
    ]);
    expect((await run('touchpoint list')).stdout).toMatch(/^lobby-1 +waiting +Coffee +Lobby +never$/m);
    await faults(
      [1, 'touchpoint add lobby-1', { code: 'name_taken' }],
      [4, 'touchpoint show nowhere', { code: 'touchpoint_unknown' }],
    );
  });

  test('an offer, as a venue manager reads it', async () => {
    const { code, stdout } = await run(offerCommand);
    expect(code).toBe(0);
    expect(stdout).toContain('lobby-1 dispenses goods free of charge: at most 100 in all, only until 23:59');
    const shown = await run('offer show free-coffee');
    expect(shown.stdout).toMatch(/once a week for each\s+shopper/);
    expect(shown.stdout).toContain('0 of 100 granted, 100 left');
    expect(await json('offer show free-coffee')).toMatchObject({
      id: 'free-coffee',
      action: 'dispense',
      rules: {
        limits: [{ maximum: 100 }, { maximum: 1, per: ['shopper'], period: { unit: 'week' } }],
        windows: [{ until: '23:59' }],
      },
      granted: 0,
      paused: false,
    });
  });

  test('all the rules, several touchpoints and a price', async () => {
    await json(
      'offer create all --touchpoint lobby-1 --touchpoint gate-1 --action open --amount 2.5 --per-day 2 --per-month 9 ' +
        '--from 9:00 --weekdays fri,mon-tue --valid-from 2026-01-01 --valid-to 2036-12-31T18:00 --title Parking',
    );
    const offer = await json('offer show all');
    expect(offer).toMatchObject({ amountMinor: 250, currency: 'EUR', title: 'Parking' });
    expect(offer.touchpoints.sort()).toEqual(['gate-1', 'lobby-1']);
    expect(offer.rules).toEqual({
      limits: [
        { maximum: 2, per: ['shopper'], period: { unit: 'day' } },
        { maximum: 9, per: ['shopper'], period: { unit: 'month' } },
      ],
      windows: [{ from: '09:00', weekdays: ['mon', 'tue', 'fri'] }],
      validFrom: '2026-01-01',
      validTo: '2036-12-31T18:00',
    });
    expect((await run('offer list')).stdout).toMatch(
      /^all +running +0 +open +2\.50 EUR +\S+, \S+ +only from 09:00/m,
    );
  });

  test('pause and resume', async () => {
    expect(await json('offer pause all')).toMatchObject({ paused: true });
    expect((await run('offer list')).stdout).toMatch(/^all +paused/m);
    expect(await json('offer resume all')).toMatchObject({ paused: false });
  });

  test('what the server refuses', async () => {
    await faults(
      [
        4,
        'offer create x --touchpoint lobby-9 --action open',
        {
          code: 'touchpoint_unknown',
          status: 404,
        },
      ],
      [1, offerCommand, { code: 'name_taken' }],
      [4, 'offer pause nothing', { code: 'offer_unknown' }],
      [4, 'offer list --programme nobody', { code: 'programme_unknown' }],
      [
        2,
        'offer create x --touchpoint lobby-1 --action open --amount 2.555',
        { detail: '2.555 is no amount of EUR.' },
      ],
    );
  });
});

describe('a box without a network, a phone, and what they did', () => {
  let box: TestBox & { enrolment: EnrolmentResponse; sealKey: Uint8Array };
  let phone: TestPhone;
  let transactionId: string;

  test('enroll-file turns a request into a response, once', async () => {
    const { enrolmentCode } = await json('touchpoint code lobby-1');
    const made = await makeBox(enrolmentCode);
    writeFileSync(home.path('request'), JSON.stringify(made.request));
    writeFileSync(home.path('taken'), '');
    // Found out before the code is used up.
    await faults(
      [2, 'touchpoint enroll-file request --out taken', { code: 'usage_invalid' }],
      [2, 'touchpoint enroll-file request --out no/such/folder', { code: 'usage_invalid' }],
    );

    const answer = await json('touchpoint enroll-file request --out response');
    expect(answer).toMatchObject({ name: 'lobby-1', out: 'response' });
    const enrolment = Parse(EnrolmentResponse, JSON.parse(readFileSync(home.path('response'), 'utf8')));
    expect(enrolment.touchpointId).toBe(answer.touchpointId);
    expect(await json('touchpoint show lobby-1')).toMatchObject({
      state: 'enrolled',
      id: answer.touchpointId,
    });

    expect(await fault(1, 'touchpoint enroll-file request --out second')).toMatchObject({
      code: 'enrolment_code_invalid',
    });
    expect(existsSync(home.path('second'))).toBe(false);
    const root = new X509Certificate(enrolment.certificates[2] ?? '').publicKey.export({
      format: 'der',
      type: 'spki',
    });
    const manifest = verifyManifest(crypto, base64urlToBytes(enrolment.manifest, 9_000) ?? new Uint8Array(), {
      algorithm: 'Ed25519',
      bytes: Uint8Array.from(root.subarray(-32)),
    });
    box = { ...made, enrolment, sealKey: manifest.sealKey };
  });

  test.each([
    ['no file', 'missing', 'There is no file missing.'],
    ['no JSON', 'config/tapseal', 'is not a file'],
    ['another JSON', 'other.json', 'is no enrolment request'],
  ])('enroll-file of %s', async (_name, file, sentence) => {
    writeFileSync(home.path('other.json'), '{"code":"not-to-be-repeated"}');
    const problem = await fault(2, `touchpoint enroll-file ${file} --out nothing`);
    expect(problem.detail).toContain(sentence);
    expect(JSON.stringify(problem)).not.toContain('not-to-be-repeated');
    expect(existsSync(home.path('nothing'))).toBe(false);
  });

  test('watch shows a grant and a refusal as they happen, and goes on after a restart of the server', async () => {
    phone = new TestPhone(url, readFileSync(home.path('data/tapseal/root.crt.pem'), 'utf8'), 'north-mall');
    await phone.register();
    const watching = home.start(['grant', 'watch', '--refusals', '--json', '--after', '0']);
    const people = home.start(['grant', 'watch']);
    await people.until('stderr', (text) => text.includes('Waiting for grants'));
    const answer = await phone.redeem(box, 'free-coffee');
    transactionId = answer.transactionId;
    const first = await watching.until('stdout', (text) => text.split('\n').length === 2);
    expect(JSON.parse(first)).toMatchObject({ granted: true, offer: 'free-coffee', transactionId });
    expect(await people.until('stdout', (text) => text.includes('\n'))).toMatch(
      /free-coffee +lobby-1 +granted {2}/,
    );

    const { port } = new URL(url);
    expect(await stop()).toMatchObject({ code: 0 });
    await people.until('stderr', (text) => text.includes('The server is away'));
    await serve(port);
    await phone.deliver(box, answer);
    await expect(phone.redeem(box, 'free-coffee')).rejects.toThrow('A limit of the offer is used up.');
    const both = await watching.until('stdout', (text) => text.split('\n').length === 3);
    expect(JSON.parse(both.split('\n')[1] ?? '')).toMatchObject({ granted: false, code: 'limit_reached' });

    watching.child.kill('SIGINT');
    people.child.kill('SIGINT');
    expect(await watching.finished).toMatchObject({ code: 0, stderr: '' });
    expect(await people.finished).toMatchObject({ code: 0 });
  });

  test('list, newest first, with and without refusals', async () => {
    const { grants } = await json('grant list');
    expect(grants).toHaveLength(1);
    expect(grants[0]).toMatchObject({ transactionId, receipt: { outcome: 'actuated' } });
    const all = await json('grant list --refusals');
    expect(all.grants.map((one: { granted: boolean }) => one.granted)).toEqual([false, true]);
    const people = await run('grant list --refusals');
    expect(people.stdout).toMatch(new RegExp(`free-coffee +lobby-1 +granted, actuated +${transactionId}`));
    expect(people.stdout).toMatch(/refused: .*1\/1/);
    expect(await json(`grant list --after ${all.next}`)).toMatchObject({ grants: [] });
    expect((await run('offer show free-coffee')).stdout).toContain('1 of 100 granted, 99 left');
  });

  test('the voucher: shown, written in both forms, verified online and then offline', async () => {
    expect(await json(`voucher show ${transactionId}`)).toMatchObject({
      transactionId,
      offer: 'free-coffee',
    });
    await json(`voucher show ${transactionId} --out voucher.jws`);
    await json(`voucher show ${transactionId} --out voucher.cose --form cose`);
    const shown = (await run(`voucher show ${transactionId}`)).stdout;
    expect(shown).toMatch(/^offer +free-coffee, version \d+$/m);
    expect(shown).toMatch(/^version +SHA-256 [\w-]{43}$/m);
    const [, version] = /version (\d+)/.exec(shown) ?? [];
    await json(`offer versions free-coffee --show ${version} --out offer.json`);
    await faults(
      [2, `voucher show ${transactionId} --out voucher.jws`, { code: 'usage_invalid' }],
      [4, `voucher show ${'0'.repeat(32)}`, { code: 'voucher_unknown' }],
    );

    const online = await json(`voucher verify voucher.jws --server ${url}`);
    expect(online).toMatchObject({ valid: true, voucher: { transactionId, programme: 'north-mall' } });
    const { port } = new URL(url);
    await stop();
    expect(
      await json('voucher verify voucher.jws --other-form voucher.cose --offer-version offer.json'),
    ).toMatchObject({ valid: true });
    expect(await json('voucher verify voucher.cose')).toMatchObject({
      valid: true,
      voucher: { transactionId },
    });
    const jws = readFileSync(home.path('voucher.jws'), 'utf8');
    const signatureAt = jws.lastIndexOf('.') + 1;
    const other = jws[signatureAt] === 'A' ? 'B' : 'A';
    writeFileSync(home.path('tampered.jws'), jws.slice(0, signatureAt) + other + jws.slice(signatureAt + 1));
    const tampered = await run('voucher verify tampered.jws');
    expect(tampered.code).toBe(1);
    expect(tampered.stdout).toContain('NOT VALID');
    await serve(port);
  });

  test('phones are listed, and a revoked one gets nothing', async () => {
    const id = bytesToHex(phone.id);
    expect(await json('phone list')).toMatchObject({ phones: [{ id, state: 'registered' }] });
    expect(await json(`phone revoke ${id} --reason lost`)).toMatchObject({ id, state: 'revoked' });
    expect((await run('phone list')).stdout).toMatch(new RegExp(`^\\S+ +revoked .* lost +${id}$`, 'm'));
    await expect(phone.redeem(box, 'free-coffee')).rejects.toThrow('The phone has been revoked.');
    expect(await fault(4, `phone revoke ${'0'.repeat(32)}`)).toMatchObject({ code: 'phone_unknown' });
  });

  test('a touchpoint is revoked, and its name can have another box', async () => {
    expect(await json('touchpoint revoke lobby-1 --reason stolen')).toMatchObject({
      state: 'revoked',
      revokedReason: 'stolen',
    });
    expect((await run('touchpoint show lobby-1')).stdout).toContain('nothing is granted at it');
    expect(await json('touchpoint code lobby-1')).toMatchObject({ touchpoint: { name: 'lobby-1' } });
  });
});

describe('tokens', () => {
  test('a role is what a token may do, and a revoked one nothing', async () => {
    const created = await json('token create --role auditor --label provider --expires-in-days 30');
    expect(created).toMatchObject({ role: 'auditor', label: 'provider' });
    const asAuditor = { TAPSEAL_TOKEN: created.token };
    expect((await json('offer list', asAuditor)).offers).toHaveLength(2);
    expect(await fault(5, 'offer pause all', asAuditor)).toMatchObject({ code: 'token_forbidden' });
    writeFileSync(home.path('token'), `${created.token}\n`);
    expect(await fault(5, 'token list --token-file token')).toMatchObject({ code: 'token_forbidden' });
    const { tokens } = await json('token list');
    expect(tokens).toMatchObject([
      { role: 'owner', everyProgramme: true },
      { id: created.id, role: 'auditor', everyProgramme: false },
    ]);
    await json(`token revoke ${created.id}`);
    expect(await fault(5, 'offer list', asAuditor)).toMatchObject({ code: 'token_invalid' });
    expect((await run('token list')).stdout).toMatch(
      new RegExp(`^${created.id} +auditor .* revoked +provider$`, 'm'),
    );
    expect(await fault(4, `token revoke ${'0'.repeat(16)}`)).toMatchObject({ code: 'token_unknown' });
  });

  test('people see a new token once, and no other run shows it', async () => {
    const { stdout } = await run('token create --role app');
    const token = /tps_\S+/.exec(stdout)?.[0] ?? '';
    expect(stdout.split(token)).toHaveLength(2);
    const later = await run('token list');
    expect(later.stdout).not.toContain(token);
  });

  test('no token, a bad token, a missing token file', async () => {
    const nowhere = { XDG_CONFIG_HOME: home.path('empty') };
    await faults(
      [5, `offer list --programme x --server ${url}`, { code: 'token_missing' }, nowhere],
      [5, 'offer list', { code: 'token_invalid' }, { TAPSEAL_TOKEN: 'tps_wrong' }],
      [2, 'offer list --token-file none', { detail: 'There is no file none.' }],
      [2, 'offer list', { code: 'usage_invalid' }, { TAPSEAL_TOKEN: 'two words' }],
      [2, `offer list --token ${ownerToken}`, { code: 'usage_invalid' }],
    );
  });

  test('the token of a profile is not sent to another server', async () => {
    const problem = await fault(5, 'offer list --server https://localhost:1');
    expect(problem).toMatchObject({ code: 'token_missing' });
  });

  test('rotation: create into the profile, then revoke the one before', async () => {
    const first = await json('token create --role owner --every-programme --save');
    expect(first.token).toBeUndefined();
    const second = await json('token create --role owner --every-programme --save');
    expect(second).toMatchObject({ replaced: first.id, everyProgramme: true });
    expect(readProfile().token).toContain(second.id);
    await json(`token revoke ${first.id}`);
    expect((await json('programme list')).programmes).toHaveLength(1);
    await json(`token revoke ${ownerToken.split('_')[1]}`);
    ownerToken = readProfile().token;
  });

  test('renew-owner replaces the owner token of init, while the server runs', async () => {
    const renewed = await json('token renew-owner --save');
    expect(renewed.token).toBeUndefined();
    expect(renewed.revoked).toEqual([ownerToken.split('_')[1]]);
    expect((await json('programme list')).programmes).toHaveLength(1);
    expect(await fault(5, 'programme list', { TAPSEAL_TOKEN: ownerToken })).toMatchObject({
      code: 'token_invalid',
    });
    ownerToken = readProfile().token;
  });
});

test('programmes', async () => {
  expect(
    await json('programme create south --title South --time-zone Asia/Tokyo --currency jpy'),
  ).toMatchObject({
    id: 'south',
    timeZone: 'Asia/Tokyo',
    currency: 'JPY',
  });
  expect(await fault(1, 'programme create south')).toMatchObject({ code: 'name_taken' });
  expect((await run('programme list')).stdout).toMatch(/^south +Asia\/Tokyo +JPY/m);
  await json('touchpoint add lobby-1 --programme south');
  // The first one of its programme, in its currency, by somebody who may not list programmes.
  const operator = await json('token create --role operator --programme south');
  await json('offer create tea --programme south --touchpoint lobby-1 --action open --amount 120', {
    TAPSEAL_TOKEN: operator.token,
  });
  expect(await json('offer show tea', { TAPSEAL_PROGRAMME: 'south' })).toMatchObject({ amountMinor: 120 });
  expect(await fault(4, 'offer show tea')).toMatchObject({ code: 'offer_unknown' });
});

test('the authority: shown, written, and trusted with --ca by whoever has no profile', async () => {
  const stranger = { XDG_CONFIG_HOME: home.path('empty') };
  const refused = await fault(3, `authority show --server ${url}`, stranger);
  expect(refused.detail).toContain('its certificate is not trusted');
  const { rootSha256 } = await json('authority show --out authority.pem');
  const trusted = await json(`authority show --server ${url} --ca authority.pem`, stranger);
  expect(trusted.rootSha256).toBe(rootSha256);
  expect((await run('authority show')).stdout).toContain('BEGIN CERTIFICATE');
});

test('a backup of the running server becomes another server with the same answers', async () => {
  await json('backup --out now.backup');
  expect(statSync(home.path('now.backup')).mode & 0o777).toBe(0o600);
  expect(await fault(2, 'backup --out now.backup')).toMatchObject({ code: 'usage_invalid' });
  expect(await fault(1, 'restore now.backup')).toMatchObject({ code: 'already_initialised' });
  expect(await json('restore now.backup --data restored')).toMatchObject({ programmes: 2, decisions: 2 });
  const before = await json('grant list --refusals');
  const { rootSha256 } = await json('authority show');

  const other = home.start([
    'serve',
    '--data',
    'restored',
    '--no-tls',
    '--port',
    '0',
    '--log-level',
    'error',
    '--json',
  ]);
  const restoredUrl = JSON.parse(await other.until('stdout', (text) => text.endsWith('\n'))).url;
  expect(restoredUrl).toMatch(/^http:/);
  const withToken = { TAPSEAL_TOKEN: ownerToken };
  expect(await json(`grant list --refusals --server ${restoredUrl}`, withToken)).toEqual(before);
  expect((await json(`authority show --server ${restoredUrl}`)).rootSha256).toBe(rootSha256);
  other.child.kill('SIGTERM');
  expect(await other.finished).toMatchObject({ code: 0 });
});

describe('serve and its faults', () => {
  test('what is wrong is said, with an exit code', async () => {
    const { port } = new URL(url);
    await faults(
      [2, `serve --port ${port}`, { code: 'usage_invalid' }],
      [4, 'serve --data nothing', { code: 'not_initialised' }],
      [2, 'serve --no-tls --host 0.0.0.0 --port 0', { code: 'usage_invalid' }],
      [
        2,
        'serve --tls-cert none --tls-key none --port 0',
        { detail: 'The file none cannot be read (ENOENT).' },
      ],
      [2, 'serve --host 192.0.2.1 --port 0', { code: 'usage_invalid' }],
    );
  });

  test('a server that is gone: exit code 3', async () => {
    expect(await stop()).toMatchObject({ code: 0, stderr: '' });
    await faults(
      [3, 'offer list', { code: 'network_unavailable' }],
      [3, 'grant watch', { code: 'network_unavailable' }],
    );
  });
});
