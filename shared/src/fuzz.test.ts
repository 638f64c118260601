/**
 * Property 23, the part that runs with every test: generated inputs for each parser, more than 100,000 in all. Whatever
 * comes in, the parser answers or raises a TapsealError. TAPSEAL_FUZZ_SEED repeats a run, TAPSEAL_FUZZ_RUNS lengthens it.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  decodeAdvert,
  decodeManufacturerData,
  encodeAdvert,
  makeAdvert,
  scanResponseData,
} from './advert.js';
import { MANIFEST_BYTES_MAX } from './bounds.js';
import { base64urlToBytes, bytesToBase64url, concatBytes, hexToBytes, utf8 } from './bytes.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeChallenge, encodeChallenge } from './challenge.js';
import { sign1 } from './cose-sign1.js';
import { formatEnrolmentCode, parseEnrolmentCode } from './enrolment.js';
import { encodeFrames, FrameReader } from './frame.js';
import { openHello } from './hello.js';
import { encodeJwk, parseJwkSet } from './jwk.js';
import { native, type ObjectKind, objectKinds, parties, tap } from './objects.contract.js';
import { checkServerNonce } from './server-nonce.js';
import { decodeStatus } from './status.js';
import { isTapsealError } from './tapseal-error.js';
import { fixedNowMs } from './vectors/fixed-parties.js';
import { verifyVoucherFile } from './verify-voucher-file.js';
import { decodeVoucherJws, signVoucherJws, voucherClaims } from './voucher-jws.js';

const seed = Number(process.env.TAPSEAL_FUZZ_SEED ?? 20_261_122);
const runs = Number(process.env.TAPSEAL_FUZZ_RUNS ?? 6_000);
let inputs = 0;

/** Anything but an answer or a TapsealError fails the property. */
async function settles(parse: () => unknown): Promise<void> {
  inputs++;
  try {
    await parse();
  } catch (error) {
    if (!isTapsealError(error)) throw error;
  }
}

const randomBytes = fc.uint8Array({ maxLength: 256 });

/** A good message, damaged: bytes replaced, cut out, put in, or taken twice. */
function damaged(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat({ max: good.length });
  const damage = fc.record({
    at: place,
    remove: fc.nat({ max: 8 }),
    insert: fc.uint8Array({ maxLength: 8 }),
  });
  return fc
    .array(damage, { minLength: 1, maxLength: 3 })
    .map((damages) =>
      damages.reduce(
        (bytes: Uint8Array, { at, remove, insert }) =>
          concatBytes(bytes.subarray(0, at), insert, bytes.subarray(at + remove)),
        good,
      ),
    );
}

/** Values that CBOR can carry and that no object asks for. */
const cborValues = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
    fc.maxSafeInteger(),
    fc.string({ maxLength: 60, unit: 'binary' }),
    fc.uint8Array({ maxLength: 70 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 9 }),
    fc.array(fc.tuple(fc.integer(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value;

/** A payload with some of its fields replaced by anything, truly signed. */
function signedNonsense(kind: ObjectKind): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.tuple(fc.nat({ max: kind.payload.length }), cborValues), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const payload: unknown[] = [...kind.payload];
      for (const [index, value] of changes) payload[index] = value;
      return sign1(
        kind.kind,
        encodeCbor(payload as Parameters<typeof encodeCbor>[0]),
        kind.signer,
        kind.keyId,
      );
    });
}

async function fuzz(input: fc.Arbitrary<Uint8Array>, parse: (bytes: Uint8Array) => unknown, numRuns = runs) {
  await fc.assert(
    fc.asyncProperty(input, (bytes) => settles(() => parse(bytes))),
    { seed, numRuns },
  );
}

async function fuzzText(input: fc.Arbitrary<string>, parse: (text: string) => unknown) {
  await fc.assert(
    fc.asyncProperty(input, (text) => settles(() => parse(text))),
    { seed, numRuns: runs },
  );
}

afterAll(() => {
  console.log(`${inputs} inputs, seed ${seed}`);
  expect(inputs).toBeGreaterThan(100_000);
});

describe('property 23: never anything but an answer or a TapsealError', () => {
  test.each(objectKinds)('$kind', async (kind) => {
    await fuzz(randomBytes, kind.read, runs / 3);
    await fuzz(damaged(kind.bytes), kind.read, runs / 3);
    await fuzz(signedNonsense(kind), kind.read, runs / 3);
  });

  test('CBOR, and what it accepts has one encoding', async () => {
    const check = (bytes: Uint8Array) => {
      const value = decodeCbor(bytes);
      expect(encodeCbor(value as Parameters<typeof encodeCbor>[0])).toEqual(bytes);
    };
    await fuzz(
      fc.oneof(
        randomBytes,
        cborValues.map((value) => encodeCbor(value as number)),
      ),
      check,
    );
    await fuzz(fc.uint8Array({ maxLength: 6 }), check);
  });

  test('CBOR as deep and as wide as the longest message', async () => {
    for (const head of [0x81, 0xa1, 0x9f, 0xbf, 0xc1, 0x5f, 0x7f, 0xd8, 0x9b, 0xbb, 0x5b]) {
      for (const length of [1, 100, MANIFEST_BYTES_MAX])
        await settles(() => decodeCbor(new Uint8Array(length).fill(head)));
    }
  });

  test('frames', async () => {
    const types = fc.constantFrom('challenge', 'hello', 'voucher', 'receipt', 'manifest', 'status');
    const heads = fc.integer({ min: 0, max: 255 }).map((head) => Uint8Array.of(head));
    const good = fc
      .tuple(types, fc.uint8Array({ maxLength: 60 }), fc.constantFrom(23, 100))
      .filter(([type, body]) => body.length <= (type === 'status' ? 1 : type === 'challenge' ? 18 : 60))
      .map(([type, body, mtu]) => encodeFrames({ type: type as 'hello', body }, mtu));
    const packets = fc.array(
      fc.oneof(
        good,
        fc.tuple(heads, fc.uint8Array({ maxLength: 24 })).map((parts) => [concatBytes(...parts)]),
      ),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(packets, async (groups) => {
        const reader = new FrameReader();
        for (const packet of groups.flat()) await settles(() => reader.push(packet));
      }),
      { seed, numRuns: runs },
    );
  });

  test('sealed hello, nonce, challenge, advert, status', async () => {
    const advert = makeAdvert(native, new Uint8Array(32), new Uint8Array(8));
    await fuzz(fc.oneof(randomBytes, damaged(tap.sealedHello)), (bytes) =>
      openHello(native, parties.sealKey, bytes),
    );
    await fuzz(fc.oneof(randomBytes, damaged(tap.serverNonce)), (bytes) =>
      checkServerNonce(native, parties.nonceKey, 'demo', fixedNowMs, bytes),
    );
    await fuzz(fc.oneof(randomBytes, damaged(encodeChallenge(tap.hello.challenge))), decodeChallenge);
    await fuzz(fc.oneof(randomBytes, damaged(encodeAdvert(advert))), decodeAdvert);
    await fuzz(fc.oneof(randomBytes, damaged(scanResponseData(advert).subarray(2))), decodeManufacturerData);
    await fuzz(fc.uint8Array({ maxLength: 3 }), decodeStatus);
  });

  test('texts: base64url, hexadecimal, enrolment codes, JWS', async () => {
    const jws = signVoucherJws(native, voucherClaims(tap.voucher, tap.grounds), parties.voucherSigner);
    const damagedText = (good: string) => damaged(utf8(good)).map((bytes) => String.fromCharCode(...bytes));
    const anyText = fc.string({ maxLength: 100, unit: 'binary' });
    await fuzzText(fc.oneof(anyText, fc.base64String()), (text) => {
      const bytes = base64urlToBytes(text, 64);
      if (bytes !== undefined) expect(bytesToBase64url(bytes)).toBe(text);
    });
    await fuzzText(
      fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFg') })),
      (text) => hexToBytes(text, 4),
    );
    const code = '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ';
    await fuzzText(fc.oneof(anyText, damagedText(code)), (text) => {
      const parsed = parseEnrolmentCode(text);
      if (parsed !== undefined) expect(parseEnrolmentCode(formatEnrolmentCode(parsed))).toEqual(parsed);
    });
    await fuzzText(fc.oneof(anyText, damagedText(jws)), decodeVoucherJws);
  });

  test('JWK sets and voucher files', async () => {
    const keys = { keys: [encodeJwk(native, parties.voucherKey.publicKey.bytes)] };
    const anyJson = fc.oneof(
      fc.jsonValue(),
      fc.record({ keys: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())) }),
      fc.record({
        keys: fc.array(
          fc.record({ kty: fc.constant('OKP'), crv: fc.constant('Ed25519'), x: fc.jsonValue() }),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anyJson, (value) => settles(() => parseJwkSet(native, value))),
      { seed, numRuns: runs },
    );
    const texts = utf8(bytesToBase64url(tap.signedVoucher));
    await fuzz(fc.oneof(randomBytes, damaged(tap.signedVoucher), damaged(texts)), (bytes) =>
      verifyVoucherFile(native, bytes, keys),
    );
  });
});
