/**
 * Property 8 with real processes: any one bit of any message flipped is refused, with one shape of error, and nothing happens.
 * Every bit of every object is flipped in shared/; here they travel for real, a sample of them.
 */
import { bytesToBase64url, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { encodeFrames } from '@tapseal/shared/frame';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, PROGRAMME, type Question } from './phone-brain.js';
import { replyOf } from './raw-phone.js';
import { flipBit, sample, seeded } from './seed.js';
import { type Answer, codeOfProblem } from './server-line.js';
import { type Box, OFFER, type Phone, readReceipt, transactionHex, Venue } from './venue.js';

const { seed, random } = seeded('property 8', 20_261_108);
const SAMPLE = 200;
const AT_ONCE = 8;

let venue: Venue;
let gate: Box;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gate, phone] = await Promise.all([
    venue.addBox('gate'),
    venue.addPhone('phone'),
    venue.addBox('other-gate'),
  ]);
  await venue.addOffer([gate]);
});

afterAll(() => venue?.close());

function sampledBits(bytes: Uint8Array, count = SAMPLE): number[] {
  return sample(random, count, bytes.length * 8);
}

/** Sends every variant, a few at once. @returns the codes that came back; each answer had the one shape */
async function codesOf(bits: readonly number[], send: (bit: number) => Promise<Answer>): Promise<string[]> {
  const codes = new Set<string>();
  const left = [...bits];
  const work = async (): Promise<void> => {
    for (let bit = left.shift(); bit !== undefined; bit = left.shift()) {
      const answer = await send(bit);
      expect(answer.status, `bit ${bit}: ${answer.text}`).toBeGreaterThanOrEqual(400);
      codes.add(codeOfProblem(answer));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...codes].sort();
}

async function phoneCount(): Promise<number> {
  const { json } = await venue.operator.get(`/v1/programmes/${PROGRAMME}/phones`);
  return (json.phones as unknown[]).length;
}

describe('property 8: any one bit of a message to the server flipped', () => {
  let question: Question;
  let hello: Uint8Array;

  beforeAll(async () => {
    const link = await phone.body.connect(gate.deviceId);
    question = await phone.brain.question();
    hello = await link.hello(question.challenge);
    await link.close();
  });

  test('property 8: of a registration', async () => {
    const brain = phone.brain;
    const registration = await brain.registration();
    const before = await phoneCount();
    const codes = await codesOf(sampledBits(registration), (bit) =>
      brain.post('/phones', { registration: bytesToBase64url(flipBit(registration, bit)) }),
    );
    expect(codes).toEqual(expect.arrayContaining(['message_malformed', 'proof_invalid']));
    expect(await phoneCount()).toBe(before);
    const answer = await brain.post('/phones', { registration: bytesToBase64url(registration) });
    expect(answer.status).toBe(200);
  });

  test('property 8: of an advert', async () => {
    const advert = (await phone.body.sees(gate.deviceId)) ?? new Uint8Array();
    const every = Array.from({ length: advert.length * 8 }, (_, bit) => bit);
    expect(every).toHaveLength(192);
    expect(await codesOf(every, (bit) => phone.brain.resolveAdvert(flipBit(advert, bit)))).toEqual([
      'advert_unknown',
    ]);
    expect((await phone.brain.resolveAdvert(advert)).status).toBe(200);
  });

  test('property 8: of a hello that is to be resolved, of its nonce and of its transaction', async () => {
    const { brain } = phone;
    const codesOfHello = await codesOf(sampledBits(hello), (bit) =>
      brain.resolveHello(question, flipBit(hello, bit)),
    );
    expect(codesOfHello).toEqual(['seal_invalid']);
    const { serverNonce, transactionId } = question;
    const codesOfNonce = await codesOf(sampledBits(serverNonce), (bit) =>
      brain.resolveHello({ transactionId, serverNonce: flipBit(serverNonce, bit) }, hello),
    );
    expect(codesOfNonce).toEqual(['nonce_invalid']);
    const codesOfTransaction = await codesOf(sampledBits(transactionId), (bit) =>
      brain.resolveHello({ serverNonce, transactionId: flipBit(transactionId, bit) }, hello),
    );
    expect(codesOfTransaction).toEqual(['challenge_mismatch']);
    expect((await brain.resolveHello(question, hello)).status).toBe(200);
  });

  test('property 8: of a request, of the hello in it, and of the body around it', async () => {
    const { brain } = phone;
    const request = await brain.request({ question, sealedHello: hello, offer: OFFER });
    // Heads of array, header and payload, the seam between payload and signature, then wherever chance falls.
    const seam = (request.length - 64 - 3) * 8;
    const seams = [...Array(16 * 8).keys(), ...Array.from({ length: 5 * 8 }, (_, at) => seam + at)];
    const codes = await codesOf([...new Set([...seams, ...sampledBits(request, 2 * SAMPLE)])], (bit) =>
      brain.redeem(flipBit(request, bit)),
    );
    expect(codes).toEqual(
      expect.arrayContaining([
        'message_malformed',
        'nonce_invalid',
        'phone_signature_invalid',
        'phone_unknown',
      ]),
    );

    const codesOfHello = await codesOf(sampledBits(hello), async (bit) =>
      brain.redeem(await brain.request({ question, sealedHello: flipBit(hello, bit), offer: OFFER })),
    );
    expect(codesOfHello).toEqual(['seal_invalid']);

    const body = utf8(JSON.stringify({ request: bytesToBase64url(request) }));
    const codesOfBody = await codesOf(sampledBits(body), (bit) =>
      brain.post('/redemptions', flipBit(body, bit)),
    );
    expect(codesOfBody).toContain('body_invalid');

    expect(await venue.grantedCount()).toBe(0);
    expect((await brain.redeem(request)).status).toBe(200);
    expect(await venue.grantedCount()).toBe(1);
  });

  test('property 8: of a receipt', async () => {
    const { brain, body } = phone;
    const link = await body.connect(gate.deviceId);
    const granted = await venue.grant(brain, link);
    const receipt = await link.receipt(granted.voucher);
    await link.close();
    const bits = sampledBits(receipt);
    const codes = new Set<string>();
    while (bits.length > 0) {
      const altered = bits.splice(0, 16).map((bit) => flipBit(receipt, bit));
      for (const code of await brain.postReceipts(...altered)) codes.add(code);
    }
    expect([...codes]).not.toContain('stored');
    expect([...codes]).toEqual(expect.arrayContaining(['message_malformed', 'receipt_signature_invalid']));
    expect((await venue.touchpoint(gate)).receiptsHighest ?? 0).toBe(0);
    expect(await brain.postReceipts(receipt)).toEqual(['stored']);
  });
});

describe('property 8: any one bit of a message to the box flipped', () => {
  test('property 8: of a challenge', async () => {
    const { brain, body } = phone;
    const question = await brain.question();
    const [packet = new Uint8Array()] = encodeFrames({ type: 'challenge', body: question.challenge }, 185);
    const link = await body.connect(gate.deviceId);
    const hellos = gate.events('hello').length;
    const statuses = new Set<string>();
    // Of frame, version and suite, each is refused.
    for (let bit = 0; bit < 24; bit++) {
      await link.packet(flipBit(packet, bit));
      const { status } = replyOf(await link.next());
      statuses.add(String(status));
    }
    expect([...statuses].sort()).toEqual([
      'message_malformed',
      'message_too_long',
      'suite_unsupported',
      'version_unsupported',
    ]);
    expect(gate.events('hello')).toHaveLength(hellos);
    const hello = await link.hello(question.challenge);
    await link.close();
    // Of the challenge itself, the box cannot tell: its hello then answers no transaction of anybody.
    for (const three of [sample(random, 3, 128), sample(random, 3, 128)]) {
      const next = await body.connect(gate.deviceId);
      for (const bit of three) {
        const sealedHello = await next.hello(flipBit(question.challenge, 16 + bit));
        const answer = await brain.redeem(await brain.request({ question, sealedHello, offer: OFFER }));
        expect(codeOfProblem(answer)).toBe('challenge_mismatch');
      }
      await next.close();
    }
    expect(
      (await brain.redeem(await brain.request({ question, sealedHello: hello, offer: OFFER }))).status,
    ).toBe(200);
  });

  test('property 8: of a voucher and of its frame', async () => {
    const { brain, body } = phone;
    const link = await body.connect(gate.deviceId);
    const granted = await venue.grant(brain, link);
    const before = gate.actuations();
    const [packet = new Uint8Array(), ...more] = encodeFrames(
      { type: 'voucher', body: granted.voucher },
      link.mtu,
    );
    expect(more).toEqual([]);
    const statuses = new Set<string>();
    for (const bit of [...Array(8).keys(), ...sampledBits(granted.voucher).map((at) => 8 + at)]) {
      await link.packet(flipBit(packet, bit));
      const { type, status } = replyOf(await link.next());
      expect(type, `bit ${bit}`).toBe('status');
      statuses.add(String(status));
    }
    expect([...statuses]).toEqual(expect.arrayContaining(['message_malformed', 'voucher_signature_invalid']));
    expect([...statuses]).not.toContain('manifest_installed');
    expect(gate.actuations()).toEqual(before);
    expect(
      gate.events('granted').some(({ transactionId }) => transactionId === transactionHex(granted)),
    ).toBe(false);
    expect(readReceipt(await link.receipt(granted.voucher)).outcome).toBe('actuated');
    await link.close();
    expect(gate.actuations()).toEqual([...before, bytesToHex(granted.question.transactionId)]);
  });

  test('property 8: of a manifest', async () => {
    await venue.workbench.tapseal('touchpoint', 'revoke', 'other-gate');
    const { json } = await venue.operator.get(`/v1/programmes/${PROGRAMME}/manifest`);
    const manifest = bytesOf(json.manifest);
    const link = await phone.body.connect(gate.deviceId);
    await link.hello((await phone.brain.question()).challenge);
    const statuses = new Set<string>();
    for (const bit of sampledBits(manifest))
      statuses.add(await link.statusOf('manifest', flipBit(manifest, bit)));
    const refusals = ['manifest_signature_invalid', 'message_malformed', 'suite_unsupported'];
    expect(refusals).toEqual(expect.arrayContaining([...statuses]));
    expect(statuses).toContain('manifest_signature_invalid');
    expect(gate.events('manifest_installed')).toEqual([]);
    expect(await link.statusOf('manifest', manifest)).toBe('manifest_installed');
    await link.close();
  });
});
