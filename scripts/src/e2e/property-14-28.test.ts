/** Properties 14 and 28 with real processes: what was said before is worth nothing, and a code enrols one box, for 15 minutes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64url, concatBytes, equalBytes } from '@tapseal/shared/bytes';
import { decodeHello, openHello, sealHello, signHello } from '@tapseal/shared/hello';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../fleet/run-program.js';
import { boxSeedOf, privateKeyOf, serverFile, serverParties } from './party-keys.js';
import { crypto, PhoneBrain } from './phone-brain.js';
import { PrivateServer } from './private-server.js';
import { seeded } from './seed.js';
import { codeOfProblem } from './server-line.js';
import { type Box, OFFER, type Phone, Venue } from './venue.js';

const { seed } = seeded('properties 14, 28', 20_261_114);

let venue: Venue;
let gate: Box;
let otherGate: Box;
let phone: Phone;
let otherPhone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gate, otherGate, phone, otherPhone] = await Promise.all([
    venue.addBox('gate'),
    venue.addBox('other-gate'),
    venue.addPhone('phone'),
    venue.addPhone('other-phone'),
  ]);
  await venue.addOffer([gate, otherGate]);
});

afterAll(() => venue?.close());

async function advertOf(box: Box): Promise<Uint8Array> {
  const advert = await phone.body.sees(box.deviceId, (seen) => seen !== undefined);
  if (advert === undefined) throw new Error('no advert');
  return advert;
}

describe('property 14: an old advert, hello or nonce replayed gets nothing', () => {
  test('property 14: an advert whose parts are of two boxes', async () => {
    const [own, other] = [await advertOf(gate), await advertOf(otherGate)];
    for (const mixed of [
      concatBytes(own.subarray(0, 8), other.subarray(8)),
      concatBytes(own.subarray(0, 16), other.subarray(16)),
      concatBytes(own.subarray(0, 8), other.subarray(8, 16), own.subarray(16)),
    ]) {
      expect(codeOfProblem(await phone.brain.resolveAdvert(mixed))).toBe('advert_unknown');
    }
    for (const [advert, name] of [
      [own, 'gate'],
      [other, 'other-gate'],
    ] as const)
      expect((await phone.brain.resolveAdvert(advert)).json).toMatchObject({ touchpoint: { name } });
  });

  test('property 14: an advert of an earlier epoch', async () => {
    await venue.tap(phone, gate);
    const old = await advertOf(gate);
    expect((await phone.brain.resolveAdvert(old)).status).toBe(200);
    await gate.process.stop();
    await venue.restart(gate);
    // A box that has restarted is in its next epoch; its hello tells the server.
    await venue.tap(phone, gate);
    const fresh = await advertOf(gate);
    expect(equalBytes(fresh.subarray(0, 8), old.subarray(0, 8))).toBe(false);
    expect(codeOfProblem(await phone.brain.resolveAdvert(old))).toBe('advert_unknown');
    expect((await phone.brain.resolveAdvert(fresh)).status).toBe(200);
  });

  test('property 14: a hello with another nonce, another phone or another transaction', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const question = await phone.brain.question();
    const sealedHello = await link.hello(question.challenge);
    await link.close();
    const { serverNonce, transactionId } = question;
    const before = await venue.grantedCount();
    const replays: [PhoneBrain, { serverNonce: Uint8Array; transactionId: Uint8Array }][] = [
      [phone.brain, { serverNonce: await phone.brain.nonce(), transactionId }],
      [phone.brain, { serverNonce, transactionId: crypto.randomBytes(16) }],
      [otherPhone.brain, question],
    ];
    for (const [brain, replayed] of replays) {
      expect(codeOfProblem(await brain.resolveHello(replayed, sealedHello))).toBe('challenge_mismatch');
      const request = await brain.request({ question: replayed, sealedHello, offer: OFFER });
      expect(codeOfProblem(await brain.redeem(request))).toBe('challenge_mismatch');
    }
    expect(await venue.grantedCount()).toBe(before);
    expect((await phone.brain.resolveHello(question, sealedHello)).status).toBe(200);
    await venue.redeemed(phone.brain, question, sealedHello);
  });

  test('property 14: a hello after its transaction: the same answer for the same request, nothing for another', async () => {
    const { granted } = await venue.tap(phone, gate);
    const { question, sealedHello, request } = granted;
    const before = await venue.grantedCount();
    const again = await phone.brain.redeem(request);
    expect(again.json.voucher).toBe(bytesToBase64url(granted.voucher));
    const changed = await phone.brain.request({ question, sealedHello, offer: OFFER, amountMinor: 1 });
    expect(codeOfProblem(await phone.brain.redeem(changed))).toBe('transaction_conflict');
    const second = { ...question, transactionId: crypto.randomBytes(16) };
    const request2 = await phone.brain.request({ question: second, sealedHello, offer: OFFER });
    expect(codeOfProblem(await phone.brain.redeem(request2))).toBe('challenge_mismatch');
    expect(await venue.grantedCount()).toBe(before);
  });

  test('property 14: the box nonce of a hello that was used, signed anew by a copy of the box', async () => {
    const { granted } = await venue.tap(phone, gate);
    const sealKey = crypto.boxKeyPair(privateKeyOf(serverFile(venue, 'sealKey')));
    const { hello } = decodeHello(openHello(crypto, sealKey, granted.sealedHello));
    const question = await phone.brain.question();
    const copied = signHello(
      { ...hello, challenge: question.challenge.subarray(2) },
      crypto.signer('Ed25519', boxSeedOf(venue, gate)),
    );
    const sealedHello = sealHello(crypto, serverParties(venue).sealKey, copied);
    const request = await phone.brain.request({ question, sealedHello, offer: OFFER });
    expect(codeOfProblem(await phone.brain.redeem(request))).toBe('box_nonce_used');
  });

  test('property 14: a nonce whose time is moved on, or that another server made', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const stale = await phone.brain.nonce();
    const moved = Uint8Array.from(stale);
    const view = new DataView(moved.buffer);
    view.setBigUint64(0, view.getBigUint64(0) + 60_000n);
    for (const serverNonce of [moved, crypto.randomBytes(40)]) {
      const question = phone.brain.questionOf(serverNonce, crypto.randomBytes(16));
      const sealedHello = await link.hello(question.challenge);
      const request = await phone.brain.request({ question, sealedHello, offer: OFFER });
      expect(codeOfProblem(await phone.brain.redeem(request))).toBe('nonce_invalid');
      expect(codeOfProblem(await phone.brain.resolveHello(question, sealedHello))).toBe('nonce_invalid');
    }
    await link.close();
  });
});

describe('on a server whose clock the test holds', () => {
  let server: PrivateServer;
  let folder: string;

  beforeAll(async () => {
    server = await PrivateServer.start(Date.now());
    folder = mkdtempSync(join(tmpdir(), 'tapseal-'));
  });

  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function enroll(code: string, name: string, url = server.url) {
    const result = await runProgram(
      'tapseal-beacon',
      ['enroll', '--server', url, '--state-dir', join(folder, name), '--json'],
      { TAPSEAL_ENROLMENT_CODE: code },
    );
    return { exitCode: result.exitCode, line: JSON.parse(result.stdout) as Record<string, unknown> };
  }

  function expectRefused({ exitCode, line }: Awaited<ReturnType<typeof enroll>>): void {
    expect(exitCode).not.toBe(0);
    expect(line).toMatchObject({ event: 'error', code: 'enrolment_failed' });
    expect(line.message).toContain('enrolment_code_invalid');
  }

  test('property 14: a nonce is good for 120 seconds', async () => {
    const line = server.newLine();
    const brain = new PhoneBrain(line);
    await brain.register();
    // Its hello opens for nobody: the step after that of the nonce answers for it.
    const sealedHello = crypto.randomBytes(175);
    const question = await brain.question();
    const request = await brain.request({ question, sealedHello, offer: OFFER });
    const registration = await brain.registration();
    server.advance(120_000);
    expect(codeOfProblem(await brain.redeem(request))).toBe('seal_invalid');
    expect(codeOfProblem(await brain.resolveHello(question, sealedHello))).toBe('seal_invalid');
    server.advance(1);
    expect(codeOfProblem(await brain.redeem(request))).toBe('nonce_expired');
    expect(codeOfProblem(await brain.resolveHello(question, sealedHello))).toBe('nonce_expired');
    const late = await brain.post('/phones', { registration: bytesToBase64url(registration) });
    expect(codeOfProblem(late)).toBe('nonce_expired');
    line.close();
  });

  test('property 28: an enrolment code works once', async () => {
    const code = await server.addTouchpoint('once');
    expect((await enroll(code, 'first')).line).toMatchObject({ event: 'enrolled', name: 'once' });
    expectRefused(await enroll(code, 'second'));
  });

  test('property 28: an enrolment code works for 15 minutes', async () => {
    const [inTime, late] = [await server.addTouchpoint('in-time'), await server.addTouchpoint('late')];
    server.advance(15 * 60_000 - 1);
    expect((await enroll(inTime, 'in-time')).line).toMatchObject({ event: 'enrolled', name: 'in-time' });
    server.advance(1);
    expectRefused(await enroll(late, 'late'));
  });

  test('property 28: two boxes at once with one code: one is enrolled', async () => {
    const code = await server.addTouchpoint('race');
    const results = await Promise.all([enroll(code, 'racer-1'), enroll(code, 'racer-2')]);
    expect(results.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
    for (const result of results) if (result.exitCode !== 0) expectRefused(result);
  });

  test('property 28: a code of another server is not even sent', async () => {
    const { line } = await enroll(
      await server.addTouchpoint('elsewhere'),
      'elsewhere',
      venue.workbench.serverUrl,
    );
    expect(line).toMatchObject({ event: 'error', code: 'server_answer_invalid' });
  });
});

test('property 28: the code that `tapseal touchpoint add` prints works once, for one box', async () => {
  const { enrolmentCode } = gate;
  const folder = mkdtempSync(join(tmpdir(), 'tapseal-'));
  try {
    const second = await runProgram(
      'tapseal-beacon',
      ['enroll', '--server', venue.workbench.serverUrl, '--state-dir', join(folder, 'second'), '--json'],
      { TAPSEAL_ENROLMENT_CODE: enrolmentCode },
    );
    expect(second.exitCode).not.toBe(0);
    expect(second.stdout).toContain('enrolment_code_invalid');
    // The box that used it is still the one.
    await venue.tap(phone, gate);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
