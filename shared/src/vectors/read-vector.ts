/**
 * Reads the message of a vector as the party does that receives it. The result is plain JSON, bytes as hexadecimal, so
 * that another implementation can compare its own.
 */
import { decodeManufacturerData, isAdvertOf } from '../advert.js';
import { bytesToHex, hexToBytes } from '../bytes.js';
import { decodeChallenge } from '../challenge.js';
import type { AsyncCryptoPort, PublicKey, Verifying } from '../crypto-port.js';
import { verifyEnrolmentBinding } from '../enrolment.js';
import { FrameReader } from '../frame.js';
import { decodeHello, openHello, verifyHello } from '../hello.js';
import { verifyManifest } from '../manifest.js';
import { decodeReceipt, verifyReceipt } from '../receipt.js';
import { verifyRefusal } from '../refusal.js';
import { verifyRegistration } from '../registration.js';
import { decodeRequest, verifyRequest } from '../request.js';
import { checkServerNonce } from '../server-nonce.js';
import { decodeStatus } from '../status.js';
import { verifyVoucher } from '../voucher.js';
import { verifyVoucherJws } from '../voucher-jws.js';
import { voucherKeyOf } from '../voucher-key.js';
import type { Vector, VectorReader } from './vector.js';

function hex(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? hexToBytes(text, text.length / 2) : undefined;
  if (bytes === undefined) throw new TypeError('a vector must have hexadecimal here');
  return bytes;
}

/** Bytes to hexadecimal, all the way down. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

/** What a reader is handed: a message, the vector's circumstances, and cryptography that answers at once. */
type Reading = {
  readonly vector: Vector;
  readonly message: Uint8Array;
  readonly crypto: AsyncCryptoPort;
  readonly verifying: Verifying;
};

function keyGiven({ given }: Vector, name: string): PublicKey {
  const bytes = hex(given[name]);
  return { algorithm: bytes.length === 65 ? 'P-256' : 'Ed25519', bytes };
}

function voucherKeysGiven({ vector, crypto }: Reading) {
  return (vector.given.voucherKeys as readonly string[]).map((key) => voucherKeyOf(crypto, hex(key)));
}

const readers: Record<VectorReader, (reading: Reading) => unknown> = {
  advert: ({ vector, message, crypto }) => {
    const advert = decodeManufacturerData(message);
    return { ...advert, known: isAdvertOf(crypto, hex(vector.given.advertKey), advert) };
  },
  challenge: ({ message }) => decodeChallenge(message),
  enrolment: ({ vector, message, verifying }) =>
    verifyEnrolmentBinding(verifying, message, keyGiven(vector, 'boxKey'), hex(vector.given.secretHash)),
  frames: ({ vector }) => {
    const reader = new FrameReader();
    const messages = [];
    for (const packet of vector.message as readonly string[]) {
      const message = reader.push(hex(packet));
      if (message !== undefined) messages.push(message);
    }
    return { messages, inMessage: reader.inMessage };
  },
  hello: ({ vector, message, verifying }) => {
    const read = decodeHello(message);
    verifyHello(verifying, read.message, keyGiven(vector, 'touchpointKey'));
    return read.hello;
  },
  jws: (reading) =>
    verifyVoucherJws(
      { ...reading.verifying, sha256: reading.crypto.sha256 },
      reading.vector.message as string,
      voucherKeysGiven(reading),
    ),
  manifest: ({ vector, message, verifying }) =>
    verifyManifest(verifying, message, keyGiven(vector, 'rootKey')),
  nonce: ({ vector: { given }, message, crypto }) => {
    checkServerNonce(crypto, hex(given.nonceKey), String(given.programme), Number(given.nowMs), message);
    return 'own and fresh';
  },
  receipt: ({ vector, message, verifying }) => {
    const read = decodeReceipt(message);
    verifyReceipt(verifying, read.message, keyGiven(vector, 'touchpointKey'));
    return read.receipt;
  },
  refusal: (reading) => verifyRefusal(reading.verifying, reading.message, voucherKeysGiven(reading)),
  registration: ({ message, verifying }) => verifyRegistration(verifying, message),
  request: ({ vector, message, verifying }) => {
    const read = decodeRequest(message);
    verifyRequest(verifying, read.message, keyGiven(vector, 'phoneKey'));
    return read.request;
  },
  'sealed-hello': ({ vector, message, crypto, verifying }) => {
    const sealKey = crypto.boxKeyPair(hex(vector.given.sealPrivateKey));
    const read = decodeHello(openHello(crypto, sealKey, message));
    verifyHello(verifying, read.message, keyGiven(vector, 'touchpointKey'));
    return read.hello;
  },
  status: ({ message }) => decodeStatus(message),
  voucher: (reading) => verifyVoucher(reading.verifying, reading.message, voucherKeysGiven(reading)),
};

/**
 * Most readers verify at once, WebCrypto does not: so the first run only notes what is to be verified, and the second run
 * has the answers.
 * @throws TapsealError as the reader does
 */
export async function readVector(vector: Vector, crypto: AsyncCryptoPort): Promise<unknown> {
  const message =
    typeof vector.message === 'string' && vector.reader !== 'jws' ? hex(vector.message) : new Uint8Array();
  const read = async (verifying: Verifying) => readers[vector.reader]({ vector, message, crypto, verifying });
  const asked: Parameters<Verifying['verify']>[] = [];
  await read({ verify: (...question) => asked.push(question) > 0 });
  const answers = await Promise.all(asked.map((question) => crypto.verify(...question)));
  return plain(await read({ verify: () => answers.shift() ?? false }));
}
