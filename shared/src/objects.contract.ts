/** Every signed object as data: how it is made, read and bounded. Tests of all kinds walk this one table. */
import { encode, rfc8949EncodeOptions } from 'cborg';
import {
  ENROLMENT_BINDING_BYTES_MAX,
  HELLO_BYTES_MAX,
  MANIFEST_BYTES_MAX,
  RECEIPT_BYTES_MAX,
  REFUSAL_BYTES_MAX,
  REGISTRATION_BYTES_MAX,
  REQUEST_BYTES_MAX,
  VOUCHER_BYTES_MAX,
} from './bounds.js';
import type { CborValue } from './cbor.js';
import { type SignedKind, sign1 } from './cose-sign1.js';
import { createNativeCrypto } from './crypto-native.js';
import type { Signer } from './crypto-port.js';
import { signEnrolmentBinding, verifyEnrolmentBinding } from './enrolment.js';
import type { ErrorCode } from './error-codes.js';
import { decodeHello, verifyHello } from './hello.js';
import { signManifest, verifyManifest } from './manifest.js';
import { decodeReceipt, signReceipt, verifyReceipt } from './receipt.js';
import { signRefusal, verifyRefusal } from './refusal.js';
import { signRegistration, verifyRegistration } from './registration.js';
import { decodeRequest, signRequest, verifyRequest } from './request.js';
import { isTapsealError } from './tapseal-error.js';
import { fixedParties, fixedTap } from './vectors/fixed-parties.js';
import { verifyVoucher } from './voucher.js';

export const native = createNativeCrypto();
export const parties = fixedParties(native);
export const tap = fixedTap(parties);

const { touchpointId, otherTouchpointId, transactionId, boxNonce, voucherKey, nextVoucherKey } = parties;
const voucherKeys = [voucherKey, nextVoucherKey];

export type ObjectKind = {
  readonly kind: SignedKind;
  readonly bytesMax: number;
  /** One good message. */
  readonly bytes: Uint8Array;
  /** Its fields in order, and its `kid`: for messages that are wrong in one place. */
  readonly payload: readonly CborValue[];
  readonly keyId: Uint8Array | undefined;
  readonly signer: Signer;
  /** Reads and verifies it as the party does that receives it. */
  readonly read: (bytes: Uint8Array) => unknown;
  /** What a false signature is called. */
  readonly signatureCode: ErrorCode;
};

/** Signs any payload as this kind, also what our own encoder would not write. */
export function signAs(
  kind: ObjectKind,
  payload: CborValue,
  signer = kind.signer,
  keyId = kind.keyId,
): Uint8Array {
  return sign1(kind.kind, encode(payload, rfc8949EncodeOptions), signer, keyId);
}

const { hello, request, voucher, refusal, receipt, manifest } = tap;
const boxKey = parties.touchpoint.publicKey;
const secretHash = parties.enrolmentSecretHash;

const none = undefined;

export const objectKinds: readonly ObjectKind[] = [
  {
    kind: 'hello',
    bytesMax: HELLO_BYTES_MAX,
    bytes: tap.signedHello,
    payload: [touchpointId, boxNonce, hello.challenge, 3, 86_400, 7],
    keyId: none,
    signer: parties.touchpoint,
    read: (bytes) => {
      const { message, hello: read } = decodeHello(bytes);
      verifyHello(native, message, boxKey);
      return read;
    },
    signatureCode: 'hello_signature_invalid',
  },
  {
    kind: 'request',
    bytesMax: REQUEST_BYTES_MAX,
    bytes: await signRequest(request, parties.phone),
    payload: ['demo', tap.serverNonce, transactionId, tap.phoneId, 'free-coffee', 250, tap.sealedHello],
    keyId: none,
    signer: parties.phone,
    read: (bytes) => {
      const { message, request: read } = decodeRequest(bytes);
      verifyRequest(native, message, parties.phone.publicKey);
      return read;
    },
    signatureCode: 'phone_signature_invalid',
  },
  {
    kind: 'voucher',
    bytesMax: VOUCHER_BYTES_MAX,
    bytes: tap.signedVoucher,
    payload: [
      touchpointId,
      boxNonce,
      transactionId,
      2,
      250,
      voucher.serverTimeS,
      8,
      41,
      voucher.requestHash,
      voucher.offerHash,
    ],
    keyId: voucherKey.keyId,
    signer: parties.voucherSigner,
    read: (bytes) => verifyVoucher(native, bytes, voucherKeys),
    signatureCode: 'voucher_signature_invalid',
  },
  {
    kind: 'refusal',
    bytesMax: REFUSAL_BYTES_MAX,
    bytes: signRefusal(refusal, parties.voucherSigner, voucherKey.keyId),
    payload: [
      transactionId,
      'limit_reached',
      'per shopper, week',
      1,
      1,
      refusal.resetsAtS,
      refusal.serverTimeS,
      refusal.requestHash,
    ],
    keyId: voucherKey.keyId,
    signer: parties.voucherSigner,
    read: (bytes) => verifyRefusal(native, bytes, voucherKeys),
    signatureCode: 'voucher_signature_invalid',
  },
  {
    kind: 'receipt',
    bytesMax: RECEIPT_BYTES_MAX,
    bytes: signReceipt(receipt, parties.touchpoint),
    payload: [touchpointId, transactionId, receipt.voucherHash, 1, 1, receipt.previousHash],
    keyId: none,
    signer: parties.touchpoint,
    read: (bytes) => {
      const { message, receipt: read } = decodeReceipt(bytes);
      verifyReceipt(native, message, boxKey);
      return read;
    },
    signatureCode: 'receipt_signature_invalid',
  },
  {
    kind: 'registration',
    bytesMax: REGISTRATION_BYTES_MAX,
    bytes: await signRegistration('demo', tap.serverNonce, parties.phone),
    payload: ['demo', tap.serverNonce, parties.phone.publicKey.bytes],
    keyId: none,
    signer: parties.phone,
    read: (bytes) => verifyRegistration(native, bytes),
    signatureCode: 'proof_invalid',
  },
  {
    kind: 'manifest',
    bytesMax: MANIFEST_BYTES_MAX,
    bytes: signManifest(manifest, parties.root),
    payload: [
      'demo',
      8,
      manifest.issuedAtS,
      manifest.voucherKeys,
      manifest.sealKey,
      [otherTouchpointId],
      manifest.revokedVoucherKeys,
    ],
    keyId: none,
    signer: parties.root,
    read: (bytes) => verifyManifest(native, bytes, parties.root.publicKey),
    signatureCode: 'manifest_signature_invalid',
  },
  {
    kind: 'enrolment',
    bytesMax: ENROLMENT_BINDING_BYTES_MAX,
    bytes: signEnrolmentBinding(secretHash, parties.boxAdvertKey.publicKey, parties.touchpoint),
    payload: [secretHash, parties.boxAdvertKey.publicKey],
    keyId: none,
    signer: parties.touchpoint,
    read: (bytes) => verifyEnrolmentBinding(native, bytes, boxKey, secretHash),
    signatureCode: 'enrolment_request_invalid',
  },
];

/** The code of the TapsealError that reading raises, or `accepted`; any other error goes through. */
export async function outcomeOf(read: () => unknown): Promise<ErrorCode | 'accepted'> {
  try {
    await read();
    return 'accepted';
  } catch (error) {
    if (isTapsealError(error)) return error.code;
    throw error;
  }
}
