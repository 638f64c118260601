/**
 * Properties 9 and 10 with real processes. Here the test holds the keys of all parties, as a thief of every disk would: what
 * it signs is wrong in its kind or its party alone, or in its version or suite.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAdvert, scanResponseData } from '@tapseal/shared/advert';
import { bytesToBase64url, bytesToHex, concatBytes, utf8 } from '@tapseal/shared/bytes';
import { encodeCbor } from '@tapseal/shared/cbor';
import { decodeSign1, type Sign1, type SignedKind, sign1, toBeSigned } from '@tapseal/shared/cose-sign1';
import type { Signer } from '@tapseal/shared/crypto-port';
import { openHello, sealHello, signHello } from '@tapseal/shared/hello';
import { radioEnvironment } from '@tapseal/virtual-radio/preload-path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JsonLinesProcess } from '../fleet/json-lines-process.js';
import {
  advertKeyOf,
  boxSeedOf,
  type Parties,
  privateKeyOf,
  serverFile,
  serverParties,
} from './party-keys.js';
import { bytesOf, crypto, PROGRAMME } from './phone-brain.js';
import { seeded } from './seed.js';
import { codeOfProblem } from './server-line.js';
import { type Box, type Granted, OFFER, type Phone, readReceipt, Venue } from './venue.js';

const { seed } = seeded('properties 9, 10', 20_261_109);

const kinds: readonly SignedKind[] = [
  'hello',
  'request',
  'voucher',
  'refusal',
  'receipt',
  'manifest',
  'registration',
  'enrolment',
];

let venue: Venue;
let gate: Box;
let otherGate: Box;
let phone: Phone;
let parties: Parties;
let signers: Record<string, Signer>;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gate, otherGate, phone] = await Promise.all([
    venue.addBox('gate'),
    venue.addBox('other-gate'),
    venue.addPhone('phone'),
  ]);
  await venue.addOffer([gate, otherGate]);
  parties = serverParties(venue);
  signers = {
    phone: phone.brain.signer,
    gate: crypto.signer('Ed25519', boxSeedOf(venue, gate)),
    'other gate': crypto.signer('Ed25519', boxSeedOf(venue, otherGate)),
    'voucher key': parties.voucher,
    root: parties.root,
    'issuing authority': crypto.signer('Ed25519', privateKeyOf(serverFile(venue, 'issuingKey'))),
  };
});

afterAll(() => venue?.close());

function partsOf(kind: SignedKind, message: Uint8Array): Sign1 {
  const keyIdBytes = kind === 'voucher' ? 4 : 0;
  return decodeSign1(kind, message, { bytesMax: 1_024, keyIdBytes });
}

/** The same payload, signed as another kind by the right key, and as the right kind by every other key. */
function forgeries(kind: SignedKind, message: Uint8Array, owner: string): [string, Uint8Array][] {
  const { payload, keyId } = partsOf(kind, message);
  const key = signers[owner];
  if (key === undefined) throw new Error(`no key of ${owner}`);
  return [
    ...kinds
      .filter((other) => other !== kind)
      .map((other): [string, Uint8Array] => [`signed as a ${other}`, sign1(other, payload, key, keyId)]),
    ...Object.entries(signers)
      .filter(([name]) => name !== owner)
      .map(([name, signer]): [string, Uint8Array] => [
        `signed by: ${name}`,
        sign1(kind, payload, signer, keyId),
      ]),
  ];
}

/** One message of each kind, from one tap and one refusal. */
async function everyKind(granted: Granted, receipt: Uint8Array): Promise<Record<string, Uint8Array>> {
  const { brain } = phone;
  const { json } = await venue.operator.get(`/v1/programmes/${PROGRAMME}/manifest`);
  const question = await brain.question();
  const link = await phone.body.connect(gate.deviceId);
  const sealedHello = await link.hello(question.challenge);
  await link.close();
  const answer = await brain.redeem(await brain.request({ question, sealedHello, offer: 'no-such-offer' }));
  expect(codeOfProblem(answer)).toBe('offer_unknown');
  const sealKey = crypto.boxKeyPair(privateKeyOf(serverFile(venue, 'sealKey')));
  return {
    'sealed hello': granted.sealedHello,
    hello: openHello(crypto, sealKey, granted.sealedHello),
    request: granted.request,
    voucher: granted.voucher,
    refusal: bytesOf(answer.json.refusal),
    receipt,
    manifest: bytesOf(json.manifest),
    registration: await brain.registration(),
  };
}

describe('property 9: signatures of the different kinds and parties are not interchangeable', () => {
  let others: Record<string, Uint8Array>;

  beforeAll(async () => {
    const { granted, receipt } = await venue.tap(phone, gate);
    others = await everyKind(granted, receipt);
  });

  test('property 9: as a voucher, the box takes nothing but a voucher of the voucher key', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const { voucher } = await venue.grant(phone.brain, link);
    const before = gate.actuations().length;
    for (const [name, message] of Object.entries(others)) {
      if (name === 'voucher') continue;
      // What is too long for a voucher goes as far as the box takes it.
      const status = await link.statusOf('voucher', message.subarray(0, 181));
      expect(['message_malformed', 'message_too_long'], name).toContain(status);
    }
    for (const [name, message] of forgeries('voucher', voucher, 'voucher key')) {
      expect(await link.statusOf('voucher', message), name).toBe('voucher_signature_invalid');
    }
    expect(gate.actuations()).toHaveLength(before);
    expect(readReceipt(await link.receipt(voucher)).outcome).toBe('actuated');
    await link.close();
  });

  test('property 9: as a manifest, the box takes nothing but a manifest of the root', async () => {
    const link = await phone.body.connect(gate.deviceId);
    await link.hello((await phone.brain.question()).challenge);
    for (const [name, message] of Object.entries(others)) {
      if (name === 'manifest') continue;
      expect(await link.statusOf('manifest', message), name).toBe('message_malformed');
    }
    for (const [name, message] of forgeries('manifest', others.manifest ?? new Uint8Array(), 'root')) {
      expect(await link.statusOf('manifest', message), name).toBe('manifest_signature_invalid');
    }
    expect(await link.statusOf('manifest', others.manifest ?? new Uint8Array())).toBe('manifest_older');
    await link.close();
    expect(gate.events('manifest_installed')).toEqual([]);
  });

  test('property 9: as a request, the server takes nothing but a request of the phone', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const question = await phone.brain.question();
    const sealedHello = await link.hello(question.challenge);
    await link.close();
    const request = await phone.brain.request({ question, sealedHello, offer: OFFER });
    const before = await venue.grantedCount();
    for (const [name, message] of Object.entries(others)) {
      if (name === 'request') continue;
      expect(codeOfProblem(await phone.brain.redeem(message)), name).toBe('message_malformed');
    }
    for (const [name, message] of forgeries('request', request, 'phone')) {
      expect(codeOfProblem(await phone.brain.redeem(message)), name).toBe('phone_signature_invalid');
    }
    expect(await venue.grantedCount()).toBe(before);
    expect((await phone.brain.redeem(request)).status).toBe(200);
  });

  test('property 9: as a hello, the server takes nothing but a hello of the box that it names', async () => {
    const { brain } = phone;
    const question = await brain.question();
    const fields = {
      touchpointId: Uint8Array.from(Buffer.from(gate.touchpointId, 'hex')),
      boxNonce: crypto.randomBytes(16),
      challenge: question.challenge.subarray(2),
      bootCounter: 1,
      counterS: 2_000,
      manifestVersion: 1,
    };
    const own = signers.gate;
    if (own === undefined) throw new Error('no key of the gate');
    const hello = signHello(fields, own);
    const attempts = [
      ...forgeries('hello', hello, 'gate'),
      ...Object.entries(others).filter(([name]) => name !== 'hello' && name !== 'request'),
    ];
    for (const [name, message] of attempts) {
      // What is too long for a hello goes as far as the server takes it.
      const sealedHello = sealHello(crypto, parties.sealKey, message.subarray(0, 133));
      const codes = [
        codeOfProblem(await brain.redeem(await brain.request({ question, sealedHello, offer: OFFER }))),
        codeOfProblem(await brain.resolveHello(question, sealedHello)),
      ];
      const code = name.startsWith('signed') ? 'hello_signature_invalid' : 'message_malformed';
      expect(codes, name).toEqual([code, code]);
    }
    // The very same, signed as it has to be, is a hello.
    const answer = await brain.resolveHello(question, sealHello(crypto, parties.sealKey, hello));
    expect(answer.status).toBe(200);
  });

  test('property 9: as a receipt or a registration, the server takes no other', async () => {
    const { brain } = phone;
    const link = await phone.body.connect(gate.deviceId);
    const { voucher } = await venue.grant(brain, link);
    const receipt = await link.receipt(voucher);
    await link.close();
    for (const [name, message] of Object.entries(others)) {
      if (name === 'receipt') continue;
      const [code] = await brain.postReceipts(message.subarray(0, 181));
      expect(code, name).toBe('message_malformed');
    }
    for (const [name, message] of forgeries('receipt', receipt, 'gate')) {
      expect(await brain.postReceipts(message), name).toEqual(['receipt_signature_invalid']);
    }
    expect(await brain.postReceipts(receipt)).toEqual(['stored']);

    const register = async (message: Uint8Array) =>
      codeOfProblem(await brain.post('/phones', { registration: bytesToBase64url(message) }));
    for (const [name, message] of Object.entries(others)) {
      if (name === 'registration') continue;
      expect(await register(message.subarray(0, 384)), name).toBe('message_malformed');
    }
    for (const [name, message] of forgeries('registration', await brain.registration(), 'phone')) {
      expect(await register(message), name).toBe('proof_invalid');
    }
  });
});

describe('property 10: a lower version or suite is refused', () => {
  test('property 10: of a challenge, by the box', async () => {
    const { challenge } = await phone.brain.question();
    const link = await phone.body.connect(gate.deviceId);
    const hellos = gate.events('hello').length;
    for (const version of [0, 2, 255]) {
      const message = concatBytes(Uint8Array.of(version), challenge.subarray(1));
      expect(await link.statusOf('challenge', message)).toBe('version_unsupported');
    }
    for (const suite of [0, 2, 255]) {
      const message = concatBytes(Uint8Array.of(1, suite), challenge.subarray(2));
      expect(await link.statusOf('challenge', message)).toBe('suite_unsupported');
    }
    expect(gate.events('hello')).toHaveLength(hellos);
    await link.hello(challenge);
    await link.close();
  });

  test('property 10: an advert of version 0 is no advert, to the phone and to the server', async () => {
    const key = advertKeyOf(venue, gate);
    const { rotatingId, nonce, mac } = makeAdvert(crypto, key, crypto.randomBytes(8));
    const macKey = crypto.hmacSha256(key, utf8('tapseal/1/advert-mac'));
    const lower = crypto.hmacSha256(macKey, concatBytes(Uint8Array.of(0), rotatingId, nonce)).slice(0, 8);
    const { brain, body } = phone;
    expect(codeOfProblem(await brain.resolveAdvert(concatBytes(rotatingId, nonce, lower)))).toBe(
      'advert_unknown',
    );
    expect((await brain.resolveAdvert(concatBytes(rotatingId, nonce, mac))).status).toBe(200);

    const data = scanResponseData({ rotatingId, nonce, mac: lower });
    data[4] = 0;
    const file = fileURLToPath(new URL('../../dist/e2e/old-box-main.js', import.meta.url));
    const { socketPath } = venue.workbench.air;
    const oldBox = new JsonLinesProcess({
      label: 'old-box',
      args: [file, bytesToHex(data)],
      env: radioEnvironment({ socketPath, name: 'old-box', positionM: { x: 0, y: 1 } }),
    });
    try {
      await oldBox.seen((line) => line.event === 'ready', 'ready');
      expect(await body.sees(venue.deviceIdOf('old-box'))).toBeUndefined();
      // The real box, beside it, is seen with its own.
      expect(await body.sees(gate.deviceId)).toHaveLength(24);
    } finally {
      await oldBox.stop();
    }
  });

  /** Signed by the right key, over a header or a context of another version or algorithm. */
  function lowered(kind: SignedKind, message: Uint8Array, key: Signer): Record<string, [Uint8Array, string]> {
    const { payload, protectedHeader, keyId } = partsOf(kind, message);
    const sign = (header: Uint8Array, context: string) =>
      encodeCbor([
        header,
        new Map(),
        payload,
        key.sign(encodeCbor(['Signature1', header, utf8(context), payload])),
      ]);
    const header = (algorithm: number) =>
      encodeCbor(
        new Map<number, number | Uint8Array>([
          [1, algorithm],
          ...(keyId === undefined ? [] : [[4, keyId] as const]),
        ]),
      );
    const context = `tapseal/1/${kind}`;
    expect(sign(protectedHeader, context)).toEqual(message);
    expect(toBeSigned(kind, protectedHeader, payload).length).toBeGreaterThan(payload.length);
    return {
      'version 0': [sign(protectedHeader, `tapseal/0/${kind}`), 'signature'],
      'no version': [sign(protectedHeader, `tapseal/${kind}`), 'signature'],
      'no context': [sign(protectedHeader, ''), 'signature'],
      'ES256 with an Ed25519 key': [sign(header(-7), context), 'suite_unsupported'],
      'RS1 (SHA-1)': [sign(header(-65_535), context), 'suite_unsupported'],
      'HMAC 256/256': [sign(header(5), context), 'suite_unsupported'],
      'no algorithm': [sign(encodeCbor(new Map()), context), 'message_malformed'],
    };
  }

  test('property 10: of a signature, by the box and by the server', async () => {
    const { brain, body } = phone;
    const link = await body.connect(gate.deviceId);
    const question = await brain.question();
    const sealedHello = await link.hello(question.challenge);
    const request = await brain.request({ question, sealedHello, offer: OFFER });
    for (const [name, [message, code]] of Object.entries(lowered('request', request, brain.signer))) {
      const expected = code === 'signature' ? 'phone_signature_invalid' : code;
      expect(codeOfProblem(await brain.redeem(message)), name).toBe(expected);
    }
    const { voucher } = await venue.redeemed(brain, question, sealedHello);
    for (const [name, [message, code]] of Object.entries(lowered('voucher', voucher, parties.voucher))) {
      const expected = code === 'signature' ? 'voucher_signature_invalid' : code;
      // Without the `kid` it is no voucher at all.
      expect(await link.statusOf('voucher', message), name).toBe(expected);
    }
    expect(readReceipt(await link.receipt(voucher)).outcome).toBe('actuated');
    await link.close();
  });

  test('property 10: of a JWS, by the verifier', async () => {
    const { granted } = await venue.tap(phone, gate);
    const jwksFile = join(venue.workbench.folder, 'jwks.json');
    writeFileSync(jwksFile, (await venue.operator.get('/.well-known/jwks.json')).text);
    const verify = async (jws: string, index: number): Promise<boolean> => {
      const file = join(venue.workbench.folder, `voucher-${index}.jws`);
      writeFileSync(file, jws);
      const result = await venue.workbench.tryTapseal('voucher', 'verify', file, '--jwks', jwksFile);
      return result.exitCode === 0 && (JSON.parse(result.stdout) as { valid: boolean }).valid;
    };
    const [head = '', claims = ''] = granted.jws.split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object) => bytesToBase64url(utf8(JSON.stringify(value)));
    const sign = (changed: object) => {
      const input = `${encode(changed)}.${claims}`;
      return `${input}.${bytesToBase64url(parties.voucher.sign(utf8(input)))}`;
    };
    const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${claims}`;
    const hmac = crypto.hmacSha256(parties.voucher.publicKey.bytes, utf8(hmacInput));
    const attempts = [
      `${encode({ ...header, alg: 'none' })}.${claims}.`,
      sign({ ...header, alg: 'none' }),
      // HMAC with the public key as its secret: the old confusion of JOSE libraries.
      `${hmacInput}.${bytesToBase64url(hmac)}`,
      sign({ ...header, alg: 'HS256' }),
    ];
    expect(sign(header)).toBe(granted.jws);
    const verdicts = await Promise.all([granted.jws, ...attempts].map(verify));
    expect(verdicts).toEqual([true, false, false, false, false]);
  });
});
