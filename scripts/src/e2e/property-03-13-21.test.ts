/**
 * Properties 3, 13 and 21 with real processes: power cuts, lost receipts, lost packets and revocation. The cut at every step of
 * the box is tested beside its code; here a process is killed for real.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { equalBytes } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, crypto, PROGRAMME } from './phone-brain.js';
import { seeded } from './seed.js';
import { codeOfProblem } from './server-line.js';
import { type Box, OFFER, type Phone, readReceipt, transactionHex, Venue } from './venue.js';

const { seed } = seeded('properties 3, 13, 21', 20_261_103);

let venue: Venue;
let gate: Box;
let slowGate: Box;
let phone: Phone;
let otherPhone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gate, slowGate, phone, otherPhone] = await Promise.all([
    venue.addBox('gate'),
    // Long enough to be cut off or lost sight of while it acts: as long as somebody holds it.
    venue.addBox('slow-gate', { afterwards: 'sleep 0.4; while [ -e "$0.hold" ]; do sleep 0.05; done' }),
    venue.addPhone('phone'),
    venue.addPhone('other-phone'),
  ]);
  await venue.addOffer([gate, slowGate]);
});

afterAll(() => venue?.close());

describe('property 3: power cut: never two actuations for one transaction', () => {
  test('property 3: killed right after the voucher was accepted, the box tells of it and does not act again', async () => {
    const link = await phone.body.connect(slowGate.deviceId);
    const granted = await venue.grant(phone.brain, link);
    const { process } = slowGate;
    process.onLine((line) => {
      if (line.event === 'granted') process.kill('SIGKILL');
    });
    const hold = `${slowGate.actuationFile}.hold`;
    writeFileSync(hold, '');
    await link.send('voucher', granted.voucher, false);
    await process.ended;
    rmSync(hold);
    await link.closed;
    expect(process.lines.filter((line) => line.event === 'actuated')).toEqual([]);

    await venue.restart(slowGate);
    expect(slowGate.events('interrupted')).toEqual([
      expect.objectContaining({ transactionId: transactionHex(granted) }),
    ]);
    const again = await phone.body.connect(slowGate.deviceId);
    await again.hello((await phone.brain.question()).challenge);
    expect(await again.statusOf('voucher', granted.voucher)).toBe('voucher_used');
    await again.close();
    // Once, or not at all where the cut came before the actuator.
    expect(slowGate.actuations().length).toBeLessThanOrEqual(1);

    // Its receipt rides along with the next phone.
    const next = await otherPhone.body.connect(slowGate.deviceId);
    const later = await venue.grant(otherPhone.brain, next);
    const receipt = await next.receipt(later.voucher);
    const [interrupted = new Uint8Array()] = await next.carries(1);
    await next.close();
    expect(readReceipt(interrupted)).toMatchObject({
      transactionId: granted.question.transactionId,
      outcome: 'interrupted',
      counter: 1,
    });
    expect(await otherPhone.brain.postReceipts(interrupted, receipt)).toEqual(['stored', 'stored']);
    expect(slowGate.actuations().filter((id) => id === transactionHex(granted)).length).toBeLessThanOrEqual(
      1,
    );
  });
});

describe('property 13: lost receipts', () => {
  test('property 13: a receipt that is lost arrives with the next phone, and the chain is whole', async () => {
    const before = Number((await venue.touchpoint(slowGate)).receiptsThrough);
    const link = await phone.body.connect(slowGate.deviceId);
    const granted = await venue.grant(phone.brain, link);
    const acted = slowGate.process.next((line) => line.event === 'actuated', 'actuation');
    slowGate.process.onLine((line) => {
      if (line.event === 'granted' && line.transactionId === transactionHex(granted))
        venue.workbench.air.powerOff('phone');
    });
    await link.send('voucher', granted.voucher, false);
    await acted;
    await link.close();
    venue.workbench.air.powerOn('phone');

    const next = await otherPhone.body.connect(slowGate.deviceId);
    const later = await venue.grant(otherPhone.brain, next);
    const receipt = await next.receipt(later.voucher);
    const [lost = new Uint8Array()] = await next.carries(1);
    await next.close();
    expect(readReceipt(lost)).toMatchObject({
      transactionId: granted.question.transactionId,
      outcome: 'actuated',
      counter: before + 1,
    });
    expect(equalBytes(readReceipt(receipt).previousHash, crypto.sha256(lost))).toBe(true);
    // Out of order, and twice: it is the same.
    expect(await otherPhone.brain.postReceipts(receipt)).toEqual(['stored']);
    expect(await venue.touchpoint(slowGate)).toMatchObject({
      receiptsThrough: before,
      receiptsHighest: before + 2,
    });
    expect(await otherPhone.brain.postReceipts(lost, receipt)).toEqual(['stored', 'stored']);
    expect(await venue.touchpoint(slowGate)).toMatchObject({
      receiptsThrough: before + 2,
      receiptsHighest: before + 2,
      forked: false,
    });
    expect(slowGate.actuations().filter((id) => id === transactionHex(granted))).toHaveLength(1);
  });

  test('property 13: receipts that one phone holds back are noticed, and come with another', async () => {
    const taps = 3;
    for (let tap = 0; tap < taps; tap++) {
      const link = await phone.body.connect(gate.deviceId);
      await link.receipt((await venue.grant(phone.brain, link)).voucher);
      await link.close();
    }
    const link = await otherPhone.body.connect(gate.deviceId);
    const receipt = await link.receipt((await venue.grant(otherPhone.brain, link)).voucher);
    const heldBack = await link.carries(taps);
    await link.close();
    await otherPhone.brain.postReceipts(receipt);
    expect(await venue.touchpoint(gate)).toMatchObject({ receiptsHighest: taps + 1 });
    expect((await venue.touchpoint(gate)).receiptsThrough ?? 0).toBe(0);
    expect(await otherPhone.brain.postReceipts(...heldBack)).toEqual(['stored', 'stored', 'stored']);
    expect(await venue.touchpoint(gate)).toMatchObject({ receiptsThrough: taps + 1 });
    // What the server has, the next voucher tells: the box lets go of it.
    const last = await phone.body.connect(gate.deviceId);
    const { voucher } = await venue.grant(phone.brain, last);
    const own = await last.receipt(voucher);
    expect(await last.statusOf('voucher', voucher)).toBe('voucher_used');
    expect(last.carried).toEqual([]);
    await last.close();
    expect(await phone.brain.postReceipts(own)).toEqual(['stored']);
  });
});

test.each([
  [0.02, 8],
  [0.15, 4],
])('property 13: with a loss of %d of all packets, taps still work', async (loss, taps) => {
  const before = gate.actuations().length;
  venue.workbench.air.setLoss(loss);
  try {
    for (let tap = 0; tap < taps; tap++) await venue.tap(tap % 2 === 0 ? phone : otherPhone, gate);
  } finally {
    venue.workbench.air.setLoss(0);
  }
  expect(gate.actuations()).toHaveLength(before + taps);
  expect(new Set(gate.actuations()).size).toBe(gate.actuations().length);
});

describe('property 21: a revoked phone or box fails at the next request', () => {
  test('property 21: a phone that is revoked after its hello gets nothing, and keeps what it was given', async () => {
    const revoked = await venue.newBrain();
    const link = await phone.body.connect(gate.deviceId);
    const granted = await venue.grant(revoked, link);
    const question = await revoked.question();
    const sealedHello = await link.hello(question.challenge);
    const before = await venue.grantedCount();
    const id = Buffer.from(revoked.phoneId).toString('hex');
    expect((await venue.operator.post(`/v1/programmes/${PROGRAMME}/phones/${id}/revoke`, {})).status).toBe(
      200,
    );

    const refused = await revoked.redeem(await revoked.request({ question, sealedHello, offer: OFFER }));
    expect(codeOfProblem(refused)).toBe('phone_revoked');
    const registration = Buffer.from(await revoked.registration()).toString('base64url');
    expect(codeOfProblem(await revoked.post('/phones', { registration }))).toBe('phone_revoked');
    expect(await venue.grantedCount()).toBe(before);
    expect(readReceipt(await link.receipt(granted.voucher)).outcome).toBe('actuated');
    await link.close();
  });

  test('property 21: a box that is revoked gets no voucher, and falls silent after one carried manifest', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const granted = await venue.grant(phone.brain, link);
    const question = await phone.brain.question();
    const sealedHello = await link.hello(question.challenge);
    const advert = (await phone.body.sees(gate.deviceId)) ?? new Uint8Array();
    await venue.workbench.tapseal('touchpoint', 'revoke', gate.plan.name);
    const refused = await phone.brain.redeem(
      await phone.brain.request({ question, sealedHello, offer: OFFER }),
    );
    expect(codeOfProblem(refused)).toBe('touchpoint_revoked');
    expect(codeOfProblem(await phone.brain.resolveHello(question, sealedHello))).toBe('touchpoint_revoked');
    expect(codeOfProblem(await phone.brain.resolveAdvert(advert))).toBe('advert_unknown');

    const before = gate.actuations().length;
    const { json } = await venue.operator.get(`/v1/programmes/${PROGRAMME}/manifest`);
    expect(await link.statusOf('manifest', bytesOf(json.manifest))).toBe('manifest_installed');
    expect(await link.statusOf('voucher', granted.voucher)).toBe('touchpoint_revoked');
    expect(await link.statusOf('challenge', question.challenge)).toBe('touchpoint_revoked');
    await link.close();
    await gate.process.stop();
    await venue.restart(gate);
    const later = await otherPhone.body.connect(gate.deviceId);
    const { challenge } = await otherPhone.brain.question();
    expect(await later.statusOf('challenge', challenge)).toBe('touchpoint_revoked');
    await later.close();
    expect(gate.actuations()).toHaveLength(before);
    // The other one goes on.
    await venue.tap(phone, slowGate);
  });
});
