/**
 * Advert (docs/protocol.md §5): what a box tells the air. The rotating ID and the MAC are made with a key that moves on by a
 * one-way step each epoch, so that a stolen box gives away none of its earlier IDs.
 */
import {
  ADVERT_BYTES,
  ADVERT_MAC_BYTES,
  ADVERT_NONCE_BYTES,
  PROTOCOL_VERSION,
  ROTATING_ID_BYTES,
  ROTATION_PERIOD_S,
} from './bounds.js';
import { concatBytes, copyBytes, equalBytes, utf8 } from './bytes.js';
import type { Hashing } from './crypto-port.js';
import { TapsealError } from './tapseal-error.js';

/** The service of a touchpoint; the only one that a phone looks for. */
export const SERVICE_UUID = '7a905ea1-0001-4c1d-9b6e-2f5d3a1c8e70';

/** The one characteristic: the phone writes to it, the box notifies on it. */
export const EXCHANGE_UUID = '7a905ea1-0002-4c1d-9b6e-2f5d3a1c8e70';

/** Company identifier for tests and products without an assigned number (Bluetooth Assigned Numbers §7). */
const COMPANY_ID = 0xffff;

const AD_FLAGS = 0x01;
const AD_SERVICES_128_COMPLETE = 0x07;
const AD_MANUFACTURER = 0xff;

export type Advert = {
  /** 8 bytes. */
  readonly rotatingId: Uint8Array;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  /** 8 bytes. */
  readonly mac: Uint8Array;
};

/** The epoch of a box: how often its rotating ID has changed, from its own counter in seconds. */
export function epochAt(counterS: number): number {
  return Math.floor(counterS / ROTATION_PERIOD_S);
}

/** The key of epoch 0, from the X25519 secret that box and server share since the enrolment. 32 bytes. */
export function firstAdvertKey(hashing: Hashing, secret: Uint8Array, touchpointId: Uint8Array): Uint8Array {
  return hashing.hkdfSha256(secret, touchpointId, utf8('tapseal/1/advert-key'), 32);
}

/** One way: the key of an epoch tells nothing of the epochs before it. */
export function nextAdvertKey(hashing: Hashing, key: Uint8Array): Uint8Array {
  return hashing.hmacSha256(key, utf8('tapseal/1/advert-next'));
}

export function rotatingIdOf(hashing: Hashing, key: Uint8Array): Uint8Array {
  return hashing.hmacSha256(key, utf8('tapseal/1/rotating-id')).slice(0, ROTATING_ID_BYTES);
}

function macOf(hashing: Hashing, key: Uint8Array, rotatingId: Uint8Array, nonce: Uint8Array): Uint8Array {
  const macKey = hashing.hmacSha256(key, utf8('tapseal/1/advert-mac'));
  const data = concatBytes(Uint8Array.of(PROTOCOL_VERSION), rotatingId, nonce);
  return hashing.hmacSha256(macKey, data).slice(0, ADVERT_MAC_BYTES);
}

/** @param nonce 8 random bytes */
export function makeAdvert(hashing: Hashing, key: Uint8Array, nonce: Uint8Array): Advert {
  const rotatingId = rotatingIdOf(hashing, key);
  return { rotatingId, nonce, mac: macOf(hashing, key, rotatingId, nonce) };
}

/** Constant time in the MAC: a forger learns nothing from how long the answer takes. */
export function isAdvertOf(hashing: Hashing, key: Uint8Array, advert: Advert): boolean {
  const expected = makeAdvert(hashing, key, advert.nonce);
  return equalBytes(expected.rotatingId, advert.rotatingId) && equalBytes(expected.mac, advert.mac);
}

/** The 24 bytes rotating ID ‖ nonce ‖ MAC, as the phone hands them to the server. */
export function encodeAdvert(advert: Advert): Uint8Array {
  return concatBytes(advert.rotatingId, advert.nonce, advert.mac);
}

/** @throws TapsealError message_malformed */
export function decodeAdvert(bytes: Uint8Array): Advert {
  if (bytes.length !== ADVERT_BYTES) throw new TapsealError('message_malformed', 'advert');
  const nonceEnd = ROTATING_ID_BYTES + ADVERT_NONCE_BYTES;
  return {
    rotatingId: copyBytes(bytes, 0, ROTATING_ID_BYTES),
    nonce: copyBytes(bytes, ROTATING_ID_BYTES, nonceEnd),
    mac: copyBytes(bytes, nonceEnd),
  };
}

function uuidToLittleEndian(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(30 - 2 * i, 32 - 2 * i), 16));
}

/** The advertising data: flags and the service UUID. 21 of 31 bytes. */
export function advertisingData(): Uint8Array {
  const uuid = uuidToLittleEndian(SERVICE_UUID);
  return concatBytes(Uint8Array.of(2, AD_FLAGS, 0x06, 1 + uuid.length, AD_SERVICES_128_COMPLETE), uuid);
}

/** The scan response: manufacturer data of company id, version and advert. 29 of 31 bytes. */
export function scanResponseData(advert: Advert): Uint8Array {
  const data = concatBytes(
    Uint8Array.of(COMPANY_ID & 0xff, COMPANY_ID >> 8, PROTOCOL_VERSION),
    encodeAdvert(advert),
  );
  return concatBytes(Uint8Array.of(1 + data.length, AD_MANUFACTURER), data);
}

/**
 * Reads the manufacturer data of a scan response, as radios hand it to apps (company id first).
 * @throws TapsealError message_malformed, version_unsupported
 */
export function decodeManufacturerData(data: Uint8Array): Advert {
  if (data.length < 3 || data[0] !== (COMPANY_ID & 0xff) || data[1] !== COMPANY_ID >> 8) {
    throw new TapsealError('message_malformed', 'advert');
  }
  if (data[2] !== PROTOCOL_VERSION)
    throw new TapsealError('version_unsupported', `advert of version ${data[2]}`);
  return decodeAdvert(data.subarray(3));
}
