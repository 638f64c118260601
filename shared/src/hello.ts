/**
 * Hello (docs/protocol.md §6.3): T → P → S, signed by the touchpoint, then sealed to the server. The phone that carries it
 * sees 48 + n random-looking bytes: it cannot tell one touchpoint's hellos from another's.
 */
import {
  BOX_NONCE_BYTES,
  CHALLENGE_BYTES,
  HELLO_BYTES_MAX,
  ID_BYTES,
  SEALED_HELLO_BYTES_MAX,
  UINT32_MAX,
} from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, type Sign1, sign1, verifySign1, verifySign1Async } from './cose-sign1.js';
import type { AsyncVerifying, BoxKeyPair, PublicKey, Sealing, Signer, Verifying } from './crypto-port.js';
import { assertBytes, assertUint, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';

export type Hello = {
  /** 8 bytes. */
  readonly touchpointId: Uint8Array;
  /** 16 random bytes, new for each hello, kept in memory only. */
  readonly boxNonce: Uint8Array;
  /** 16 bytes, as the phone wrote them. */
  readonly challenge: Uint8Array;
  /** How often the box has started. */
  readonly bootCounter: number;
  /** The box's own seconds over all its boots, by which its rotating ID changes. */
  readonly counterS: number;
  /** The manifest that the box has, so that the server can send a newer one along. */
  readonly manifestVersion: number;
};

export function signHello(hello: Hello, signer: Signer): Uint8Array {
  assertBytes('touchpointId', hello.touchpointId, ID_BYTES);
  assertBytes('boxNonce', hello.boxNonce, BOX_NONCE_BYTES);
  assertBytes('challenge', hello.challenge, CHALLENGE_BYTES);
  assertUint('bootCounter', hello.bootCounter, UINT32_MAX);
  assertUint('counterS', hello.counterS, UINT32_MAX);
  assertUint('manifestVersion', hello.manifestVersion, UINT32_MAX);
  const payload = encodeCbor([
    hello.touchpointId,
    hello.boxNonce,
    hello.challenge,
    hello.bootCounter,
    hello.counterS,
    hello.manifestVersion,
  ]);
  return sign1('hello', payload, signer);
}

export function sealHello(
  sealing: Pick<Sealing, 'seal'>,
  serverSealKey: Uint8Array,
  signedHello: Uint8Array,
): Uint8Array {
  return sealing.seal(serverSealKey, signedHello);
}

function boundedHello(sealedHello: Uint8Array): Uint8Array {
  if (sealedHello.length > SEALED_HELLO_BYTES_MAX) throw new TapsealError('message_too_long', 'sealed hello');
  return sealedHello;
}

function requireOpened(signedHello: Uint8Array | undefined): Uint8Array {
  if (signedHello === undefined) throw new TapsealError('seal_invalid');
  return signedHello;
}

/** @throws TapsealError message_too_long, seal_invalid */
export function openHello(
  sealing: Pick<Sealing, 'open'>,
  sealKey: BoxKeyPair,
  sealedHello: Uint8Array,
): Uint8Array {
  return requireOpened(sealing.open(sealKey, boundedHello(sealedHello)));
}

/** As openHello, where opening is asynchronous. */
export async function openHelloAsync(
  open: (sealed: Uint8Array) => Uint8Array | undefined | Promise<Uint8Array | undefined>,
  sealedHello: Uint8Array,
): Promise<Uint8Array> {
  return requireOpened(await open(boundedHello(sealedHello)));
}

/**
 * Reads a hello before its signature is checked: its touchpoint id names the key to check it with.
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported
 */
export function decodeHello(signedHello: Uint8Array): { readonly message: Sign1; readonly hello: Hello } {
  const message = decodeSign1('hello', signedHello, { bytesMax: HELLO_BYTES_MAX });
  const fields = new FieldReader('hello', decodeCbor(message.payload), 6);
  return {
    message,
    hello: {
      touchpointId: fields.bytes('touchpointId', ID_BYTES),
      boxNonce: fields.bytes('boxNonce', BOX_NONCE_BYTES),
      challenge: fields.bytes('challenge', CHALLENGE_BYTES),
      bootCounter: fields.uint('bootCounter', UINT32_MAX),
      counterS: fields.uint('counterS', UINT32_MAX),
      manifestVersion: fields.uint('manifestVersion', UINT32_MAX),
    },
  };
}

/** @throws TapsealError suite_unsupported, hello_signature_invalid */
export function verifyHello(verifying: Verifying, message: Sign1, touchpointKey: PublicKey): void {
  verifySign1(verifying, message, touchpointKey, 'hello_signature_invalid');
}

/** As verifyHello, where verification is asynchronous. */
export async function verifyHelloAsync(
  verifying: AsyncVerifying,
  message: Sign1,
  touchpointKey: PublicKey,
): Promise<void> {
  await verifySign1Async(verifying, message, touchpointKey, 'hello_signature_invalid');
}
