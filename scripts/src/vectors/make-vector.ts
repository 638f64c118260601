/** The pieces that the scenarios are made of. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { type CborValue, encodeCbor } from '@tapseal/shared/cbor';
import { type SignedKind, sign1, toBeSigned } from '@tapseal/shared/cose-sign1';
import type { Signer } from '@tapseal/shared/crypto-port';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { fixedParties, fixedTap } from '@tapseal/shared/vectors/fixed-parties';
import type { Vector, VectorLayer } from '@tapseal/shared/vectors/vector';

export const parties = fixedParties();
export const tap = fixedTap(parties);

/** A scenario before the expected value of a good one is worked out. */
export type Scenario = Omit<Vector, 'expect' | 'message'> & {
  readonly message: Uint8Array | readonly Uint8Array[] | string;
  readonly refused?: { readonly layer: VectorLayer; readonly code: ErrorCode };
};

export const given = {
  voucherKeys: {
    voucherKeys: [parties.voucherKey, parties.nextVoucherKey].map((key) => bytesToHex(key.publicKey.bytes)),
  },
  touchpointKey: { touchpointKey: bytesToHex(parties.touchpoint.publicKey.bytes) },
  sealed: {
    sealPrivateKey: bytesToHex(parties.sealKey.privateKey),
    touchpointKey: bytesToHex(parties.touchpoint.publicKey.bytes),
  },
  phoneKey: { phoneKey: bytesToHex(parties.phone.publicKey.bytes) },
  rootKey: { rootKey: bytesToHex(parties.root.publicKey.bytes) },
  enrolment: {
    boxKey: bytesToHex(parties.touchpoint.publicKey.bytes),
    secretHash: bytesToHex(parties.enrolmentSecretHash),
  },
};

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}

/** A message around any protected header, with a true signature over it. */
export function signWithHeader(
  kind: SignedKind,
  header: CborValue,
  payload: Uint8Array,
  signer: Signer,
  unprotectedHeader: ReadonlyMap<number, CborValue> = new Map(),
): Uint8Array {
  const encoded = encodeCbor(header);
  return encodeCbor([encoded, unprotectedHeader, payload, signer.sign(toBeSigned(kind, encoded, payload))]);
}

/** Any fields, truly signed as a voucher. */
export function voucherOf(fields: CborValue): Uint8Array {
  return sign1('voucher', encodeCbor(fields), parties.voucherSigner, parties.voucherKey.keyId);
}

const { voucher } = tap;

export const voucherFields: readonly CborValue[] = [
  voucher.touchpointId,
  voucher.boxNonce,
  voucher.transactionId,
  2,
  voucher.amountMinor,
  voucher.serverTimeS,
  voucher.manifestVersion,
  voucher.receiptsThrough,
  voucher.requestHash,
  voucher.offerHash,
];
