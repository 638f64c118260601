/** Property 10: a lower version or another suite is refused, never negotiated. */
import { describe, expect, test } from 'vitest';
import { decodeManufacturerData, makeAdvert, scanResponseData } from './advert.js';
import { PROTOCOL_VERSION, SUITE } from './bounds.js';
import { concatBytes, utf8 } from './bytes.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeChallenge } from './challenge.js';
import { FieldReader } from './fields.js';
import { native, objectKinds, outcomeOf } from './objects.contract.js';

const body = new Uint8Array(16).fill(7);
const otherBytes = Array.from({ length: 256 }, (_, byte) => byte);

describe('property 10', () => {
  test('a challenge of any other version is refused, whatever its length and suite', async () => {
    for (const version of otherBytes.filter((byte) => byte !== PROTOCOL_VERSION)) {
      for (const rest of [body, body.subarray(1), concatBytes(body, body)]) {
        for (const suite of [SUITE, 0, 2]) {
          const message = concatBytes(Uint8Array.of(version, suite), rest);
          expect(await outcomeOf(() => decodeChallenge(message))).toBe('version_unsupported');
        }
      }
    }
  });

  test('a challenge of any other suite is refused', async () => {
    for (const suite of otherBytes.filter((byte) => byte !== SUITE)) {
      const message = concatBytes(Uint8Array.of(PROTOCOL_VERSION, suite), body);
      expect(await outcomeOf(() => decodeChallenge(message))).toBe('suite_unsupported');
    }
    expect(decodeChallenge(concatBytes(Uint8Array.of(PROTOCOL_VERSION, SUITE), body))).toEqual(body);
  });

  test('an advert of any other version is refused', async () => {
    const good = scanResponseData(makeAdvert(native, new Uint8Array(32), new Uint8Array(8))).subarray(2);
    for (const version of otherBytes) {
      const data = Uint8Array.from(good);
      data[2] = version;
      const expected = version === PROTOCOL_VERSION ? 'accepted' : 'version_unsupported';
      expect(await outcomeOf(() => decodeManufacturerData(data))).toBe(expected);
    }
  });

  test.each(objectKinds)('a $kind that was signed for another version is refused', async (kind) => {
    const fields = new FieldReader('message', decodeCbor(kind.bytes), 4);
    const header = fields.bytesBetween('header', 1, 32);
    const payload = encodeCbor(kind.payload);
    for (const context of [`tapseal/0/${kind.kind}`, `tapseal/2/${kind.kind}`, `tapseal/${kind.kind}`, '']) {
      const signature = kind.signer.sign(encodeCbor(['Signature1', header, utf8(context), payload]));
      const message = encodeCbor([header, new Map(), payload, signature]);
      expect(await outcomeOf(() => kind.read(message)), context).toBe(kind.signatureCode);
    }
  });
});
