/**
 * Properties 16, 17, 18 and 30 with real processes: what an eavesdropper on the air, a touchpoint and a reader of logs learn.
 * The air shows every packet of a link, so it sees all that a touchpoint sees.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnrolmentCode } from '@tapseal/shared/enrolment';
import { sealHello, signHello } from '@tapseal/shared/hello';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { common, linksBetween, WINDOW, windowsOf, withoutWindows } from './bytes-in-common.js';
import {
  advertKeyOf,
  boxSeedOf,
  privateKeyOf,
  serverFile,
  serverParties,
  stateDirectoryOf,
} from './party-keys.js';
import { crypto, type PhoneBrain } from './phone-brain.js';
import { seeded } from './seed.js';
import { codeOfProblem, profileOf } from './server-line.js';
import { type Box, type Granted, Venue } from './venue.js';

const { seed } = seeded('properties 16, 17, 18, 30', 20_261_116);

/** What would link two visits: five bytes tell a million million phones apart. */
const LINK = 5;
const OFFER = 'a-quite-personal-offer';

type Visit = {
  readonly brain: PhoneBrain;
  readonly granted: Granted;
  readonly receipt: Uint8Array;
  /** Every packet of the link, in both directions, and what the phone sent before it. */
  readonly packets: readonly Buffer[];
  /** What the phone wrote, as the touchpoint got it. */
  readonly written: readonly Buffer[];
};

let output = '';
let venue: Venue;
let gate: Box;
let otherGate: Box;
const air: Buffer[] = [];
const visits: Visit[] = [];

/** A person comes with the phone, taps and goes. Each time the phone has another radio address, as phones have. */
async function visit(name: string, brain: PhoneBrain): Promise<Visit> {
  const body = await venue.newBody(name);
  await body.sees(gate.deviceId);
  const address = venue.deviceIdOf(name);
  const packets: Buffer[] = [];
  const written: Buffer[] = [];
  const plain = (text: string | undefined): string => (text ?? '').replaceAll(':', '').toLowerCase();
  const stop = venue.workbench.air.observe((event) => {
    if (event.kind !== 'pdu') return;
    const isFrom = plain(event.from) === address;
    if (!isFrom && plain(event.to) !== address) return;
    // Addresses are not of the protocol, and the link layer's own parameters are those of the library.
    if (event.pdu !== 'DATA') return;
    packets.push(event.bytes);
    if (isFrom) written.push(event.bytes);
  });
  const link = await body.connect(gate.deviceId);
  const granted = await venue.grant(brain, link, OFFER);
  const receipt = await link.receipt(granted.voucher);
  await link.close();
  stop();
  await body.process.stop();
  expect(await brain.postReceipts(receipt)).toEqual(['stored']);
  return { brain, granted, receipt, packets, written };
}

beforeAll(async () => {
  venue = await Venue.open({ seed }, (text) => {
    output += text;
  });
  venue.workbench.air.observe((event) => {
    if (event.kind === 'pdu') air.push(event.bytes);
  });
  [gate, otherGate] = await Promise.all([venue.addBox('gate'), venue.addBox('other-gate')]);
  await venue.workbench.tapseal('offer', 'create', OFFER, '--action', 'open', '--touchpoint', 'gate');
  const [regular, other] = [await venue.newBrain(), await venue.newBrain('P-256')];
  let number = 0;
  for (const brain of [regular, other, regular, other]) {
    number += 1;
    visits.push(await visit(`visit-${number}`, brain));
  }
});

afterAll(() => venue?.close());

/** The server's time in a voucher is the same for everybody in that second: it is taken out before taps are compared. */
function timeless({ granted, packets }: Visit): Uint8Array[] {
  const time = Buffer.alloc(5);
  // With its head in CBOR (four bytes follow): what is left before it would be too short to be known as a constant.
  time[0] = 0x1a;
  time.writeUInt32BE(decodeVoucher(granted.voucher).voucher.serverTimeS, 1);
  return withoutWindows(packets, new Set([time.toString('hex')]), time.length);
}

function nth(index: number): Visit {
  const found = visits[index];
  if (found === undefined) throw new Error(`no visit ${index}`);
  return found;
}

/** Everything that tells a phone from others. */
function traitsOf({ brain, granted }: Visit): Record<string, Uint8Array> {
  return {
    'phone id': brain.phoneId,
    'phone key': brain.signer.publicKey.bytes,
    shopper: Buffer.from(brain.shopper, 'utf8'),
    'shopper, as bytes': Buffer.from(brain.shopper, 'hex'),
    'nonce of the server': granted.question.serverNonce,
    'signature of the request': granted.request.subarray(-64),
    offer: Buffer.from(OFFER, 'utf8'),
  };
}

function everyFileOf(folder: string): Buffer {
  return Buffer.concat(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );
}

/** A text holds the bytes if it has any eight of them in a row as hexadecimal, or all of them in base64. */
function expectNotInText(text: string, bytes: Uint8Array, what: string): void {
  const hex = Buffer.from(bytes).toString('hex');
  const lower = text.toLowerCase();
  for (let at = 0; at + 2 * WINDOW <= hex.length; at += 2)
    expect(lower.includes(hex.slice(at, at + 2 * WINDOW)), what).toBe(false);
  const { length } = Buffer.from(bytes).toString('base64url');
  for (const encoding of ['base64', 'base64url'] as const)
    expect(
      text.includes(
        Buffer.from(bytes)
          .toString(encoding)
          .slice(0, length - 1),
      ),
      what,
    ).toBe(false);
}

describe('property 16: a false touchpoint learns neither a voucher’s use nor who the phone is', () => {
  test('property 16: what phones write holds nothing of the phone, the shopper or the offer', () => {
    for (const each of visits) {
      const written = windowsOf(each.written);
      // It does hold the challenge and the voucher: the observer sees what there is to see.
      const sent = windowsOf([each.granted.question.challenge, each.granted.voucher]);
      expect(common(sent, written)).toHaveLength(sent.size);
      for (const [name, trait] of Object.entries(traitsOf(each)))
        expect(common(windowsOf([trait]), written), name).toEqual([]);
    }
  });

  test('property 16: what the touchpoint stores and prints holds nothing of them either', () => {
    const stored = everyFileOf(stateDirectoryOf(venue, gate));
    const windows = windowsOf([stored]);
    expect(common(windowsOf([nth(0).granted.question.transactionId]), windows)).not.toEqual([]);
    const printed = JSON.stringify(gate.process.lines);
    for (const each of visits) {
      for (const [name, trait] of Object.entries(traitsOf(each))) {
        expect(common(windowsOf([trait]), windows), name).toEqual([]);
        expectNotInText(printed, trait, name);
        expect(printed.includes(Buffer.from(trait).toString('utf8')), name).toBe(false);
      }
    }
  });

  test('property 16: one with the name of a true touchpoint but a key of its own gets no voucher to look at', async () => {
    const { brain } = nth(0);
    const question = await brain.question();
    const hello = signHello(
      {
        touchpointId: Uint8Array.from(Buffer.from(gate.touchpointId, 'hex')),
        boxNonce: crypto.randomBytes(16),
        challenge: question.challenge.subarray(2),
        bootCounter: 1,
        counterS: 1_024,
        manifestVersion: 1,
      },
      crypto.signer('Ed25519', crypto.randomBytes(32)),
    );
    const sealedHello = sealHello(crypto, serverParties(venue).sealKey, hello);
    const answer = await brain.redeem(await brain.request({ question, sealedHello, offer: OFFER }));
    expect(codeOfProblem(answer)).toBe('hello_signature_invalid');
    expect(answer.json.voucher).toBeUndefined();
    expect(codeOfProblem(await brain.resolveHello(question, sealedHello))).toBe('hello_signature_invalid');
  });
});

describe('property 17: two visits of one phone cannot be linked by the air or by the touchpoint', () => {
  test.each([
    ['one phone', 0, 2, [1, 3]],
    ['another phone', 1, 3, [0, 2]],
  ] as const)(
    'property 17: whatever two visits of %s have in common, visits of another phone have too',
    (_, first, second, others) => {
      const [one, another] = [timeless(nth(first)), timeless(nth(second))];
      const constants = others.flatMap((other) => timeless(nth(other)));
      // Headers, the name of the box, the key id of the server: there is something that all have in common.
      expect(common(windowsOf(one), windowsOf(another)).length).toBeGreaterThan(0);
      expect(linksBetween(one, another, constants, LINK)).toEqual([]);
      // The same part of an identity in both would have been noticed.
      const identity = nth(first).brain.phoneId.subarray(0, LINK);
      expect(linksBetween([...one, identity], [...another, identity], constants, LINK)).toHaveLength(1);
    },
  );

  test('property 17: challenges, hellos and transaction ids have nothing in common at all', () => {
    const parts = (pick: (of: Visit) => Uint8Array) => visits.map((each) => windowsOf([pick(each)]));
    for (const windows of [
      parts(({ granted }) => granted.question.challenge.subarray(2)),
      parts(({ granted }) => granted.sealedHello),
      parts(({ granted }) => granted.question.transactionId),
    ]) {
      for (const [at, one] of windows.entries())
        for (const another of windows.slice(at + 1)) expect(common(one, another)).toEqual([]);
    }
  });
});

test('property 18: hellos of one touchpoint have nothing in common, not even for one challenge', async () => {
  const body = await venue.newBody('hello-collector');
  const link = await body.connect(gate.deviceId);
  const { challenge } = await nth(0).brain.question();
  const hellos = [await link.hello(challenge), await link.hello(challenge), await link.hello(challenge)];
  await link.close();
  await body.process.stop();
  const windows = hellos.map((hello) => windowsOf([hello]));
  for (const [at, one] of windows.entries())
    for (const another of windows.slice(at + 1)) expect(common(one, another)).toEqual([]);
  expect(new Set(hellos.map((hello) => hello.length)).size).toBe(1);
});

describe('property 30: no secret is shared between boxes, and none is ever on the air or in a log', () => {
  function secrets(): Record<string, Uint8Array> {
    const file = (name: Parameters<typeof serverFile>[1]) => privateKeyOf(serverFile(venue, name));
    return {
      'key of the box': boxSeedOf(venue, gate),
      'key of the other box': boxSeedOf(venue, otherGate),
      'advert key': advertKeyOf(venue, gate),
      'advert key of the other box': advertKeyOf(venue, otherGate),
      'key of the phone': nth(0).brain.privateKey,
      'P-256 key of a phone': nth(1).brain.privateKey,
      root: file('rootKey'),
      'issuing authority': file('issuingKey'),
      'TLS authority': file('tlsAuthorityKey'),
      'voucher key': file('voucherKey'),
      'seal key': file('sealKey'),
    };
  }

  /** What is text where it is used. */
  function secretTexts(): Record<string, string> {
    const { token } = profileOf(join(venue.workbench.folder, 'config', 'tapseal', 'config.json'));
    const code = (box: Box) => parseEnrolmentCode(box.enrolmentCode)?.secret ?? '';
    return {
      'token of the operator': token,
      'secret of the server': readFileSync(serverFile(venue, 'secret'), 'utf8').trim(),
      'enrolment code': code(gate),
      'enrolment code of the other box': code(otherGate),
    };
  }

  test('property 30: no secret is on the air', () => {
    const heard = windowsOf(air);
    expect(common(windowsOf([nth(0).granted.voucher]), heard)).not.toEqual([]);
    for (const [name, secret] of Object.entries(secrets()))
      expect(common(windowsOf([secret]), heard), name).toEqual([]);
    const everything = Buffer.concat(air).toString('latin1');
    for (const [name, text] of Object.entries(secretTexts())) {
      expect(text.length, name).toBeGreaterThanOrEqual(16);
      expect(everything.includes(text), name).toBe(false);
    }
  });

  test('property 30: no secret, and nobody’s phone or shopper, is in what any process prints', () => {
    expect(output).toContain('"event":"granted"');
    expect(output).toContain('/v1/programmes/:programme/redemptions');
    for (const [name, secret] of Object.entries(secrets())) expectNotInText(output, secret, name);
    for (const [name, text] of Object.entries(secretTexts())) expect(output.includes(text), name).toBe(false);
    expect(output).not.toContain('PRIVATE KEY');
    for (const { brain } of visits) {
      expectNotInText(output, brain.phoneId, 'phone id');
      expect(output.includes(brain.shopper)).toBe(false);
    }
  });

  test('property 30: no secret is in an argument list, where everybody on the machine reads it', () => {
    for (const { process } of [gate, otherGate]) {
      const args = readFileSync(`/proc/${process.pid}/cmdline`, 'utf8');
      expect(args).toContain('run');
      for (const [name, secret] of Object.entries(secrets())) expectNotInText(args, secret, name);
      for (const [name, text] of Object.entries(secretTexts())) expect(args.includes(text), name).toBe(false);
    }
  });

  test('property 30: two boxes have no secret in common', () => {
    const [own, other] = [gate, otherGate].map((box) =>
      windowsOf([
        boxSeedOf(venue, box),
        advertKeyOf(venue, box),
        Buffer.from(box.enrolmentCode.slice(0, 19)),
      ]),
    );
    expect(common(own ?? new Set(), other ?? new Set())).toEqual([]);
  });
});
