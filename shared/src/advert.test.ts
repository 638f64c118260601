import { describe, expect, test } from 'vitest';
import {
  advertisingData,
  decodeAdvert,
  decodeManufacturerData,
  encodeAdvert,
  epochAt,
  firstAdvertKey,
  isAdvertOf,
  makeAdvert,
  nextAdvertKey,
  rotatingIdOf,
  SERVICE_UUID,
  scanResponseData,
} from './advert.js';
import { bytesToHex } from './bytes.js';
import { native, outcomeOf, parties } from './objects.contract.js';

const { boxAdvertKey, serverAdvertKey, touchpointId, otherTouchpointId } = parties;
const nonce = new Uint8Array(8).fill(6);

function firstKey(id = touchpointId): Uint8Array {
  const secret = native.x25519(boxAdvertKey.privateKey, serverAdvertKey.publicKey);
  if (secret === undefined) throw new Error('low order');
  return firstAdvertKey(native, secret, id);
}

describe('key schedule', () => {
  test('box and server come to the same key from their two halves', () => {
    const secret = native.x25519(serverAdvertKey.privateKey, boxAdvertKey.publicKey);
    expect(firstAdvertKey(native, secret ?? new Uint8Array(), touchpointId)).toEqual(firstKey());
  });

  test('every touchpoint and every epoch has an ID of its own', () => {
    const ids = new Set<string>();
    for (const id of [touchpointId, otherTouchpointId]) {
      let key = firstKey(id);
      for (let epoch = 0; epoch < 200; epoch++) {
        ids.add(bytesToHex(rotatingIdOf(native, key)));
        key = nextAdvertKey(native, key);
      }
    }
    expect(ids.size).toBe(400);
  });

  test('an epoch lasts 1,024 seconds', () => {
    expect([0, 1_023, 1_024, 2_047, 2_048].map(epochAt)).toEqual([0, 0, 1, 1, 2]);
  });
});

describe('advert', () => {
  test('is known by the key of its epoch and by no other', () => {
    const key = firstKey();
    const advert = makeAdvert(native, key, nonce);
    expect(isAdvertOf(native, key, advert)).toBe(true);
    expect(isAdvertOf(native, nextAdvertKey(native, key), advert)).toBe(false);
    expect(isAdvertOf(native, firstKey(otherTouchpointId), advert)).toBe(false);
    // The ID of the epoch alone is on the air for everybody: without the key there is no MAC for another nonce.
    expect(isAdvertOf(native, key, { ...advert, nonce: new Uint8Array(8) })).toBe(false);
  });

  test('goes through the air and comes back', () => {
    const advert = makeAdvert(native, firstKey(), nonce);
    expect(decodeAdvert(encodeAdvert(advert))).toEqual(advert);
    expect(decodeManufacturerData(scanResponseData(advert).subarray(2))).toEqual(advert);
  });

  test('stays what it is when a radio reuses its buffer', () => {
    const advert = makeAdvert(native, firstKey(), nonce);
    const buffer = Buffer.from(scanResponseData(advert).subarray(2));
    const read = decodeManufacturerData(buffer);
    buffer.fill(0);
    expect(read).toEqual(advert);
  });

  test('advertising data: flags and service UUID, byte for byte', () => {
    const uuid = SERVICE_UUID.replaceAll('-', '').match(/../g)?.reverse().join('');
    expect(bytesToHex(advertisingData())).toBe(`0201061107${uuid}`);
    expect(advertisingData().length).toBe(21);
  });

  test('scan response: company, version, ID, nonce, MAC, byte for byte', () => {
    const advert = makeAdvert(native, firstKey(), nonce);
    const data = scanResponseData(advert);
    expect(bytesToHex(data)).toBe(`1cffffff01${bytesToHex(encodeAdvert(advert))}`);
    expect(data.length).toBe(29);
  });

  test.each([
    ['nothing', ''],
    ['a company alone', 'ffff'],
    ['another company', `4c0001${'00'.repeat(24)}`],
    ['a byte too few', `ffff01${'00'.repeat(23)}`],
    ['a byte too many', `ffff01${'00'.repeat(25)}`],
  ])('refuses %s', async (_, text) => {
    expect(await outcomeOf(() => decodeManufacturerData(Buffer.from(text, 'hex')))).toBe('message_malformed');
  });
});
