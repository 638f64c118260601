/**
 * Parties with fixed keys and one good object of each kind between them: the vectors are made from these, and tests begin
 * with them. Ed25519 signs deterministically, and so does P-256 in the tweetnacl adapter, so that the bytes never change.
 */

import { utf8 } from '../bytes.js';
import { challengeOf } from '../challenge.js';
import type { CryptoPort, Randomness } from '../crypto-port.js';
import { createTweetnaclCrypto } from '../crypto-tweetnacl.js';
import { enrolmentSecretHash } from '../enrolment.js';
import { type Hello, sealHello, signHello } from '../hello.js';
import { phoneIdOf } from '../key-id.js';
import type { Manifest } from '../manifest.js';
import { FIRST_PREVIOUS_HASH, type Receipt } from '../receipt.js';
import type { Refusal } from '../refusal.js';
import type { Request } from '../request.js';
import { makeServerNonce } from '../server-nonce.js';
import { truncatedHash } from '../truncated-hash.js';
import { signVoucher, type Voucher } from '../voucher.js';
import type { VoucherGrounds } from '../voucher-jws.js';
import { voucherKeyOf } from '../voucher-key.js';

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

/** Not random at all: 00 01 02 … onwards with each call. For vectors only. */
export function countingRandomness(): Randomness {
  let next = 0;
  return { randomBytes: (length) => Uint8Array.from({ length }, () => next++ & 0xff) };
}

export const fixedNowMs = 1_790_000_000_000;
export const fixedNowS = fixedNowMs / 1_000;
export const fixedProgramme = 'demo';

/** An offer version as canonical JSON (RFC 8785): what `offerHash` is the hash of. */
export const fixedOfferText =
  '{"action":"dispense","amountMinor":250,"currency":"EUR","id":"free-coffee","keys":{},' +
  '"rules":{"limits":[{"maximum":1,"per":["shopper"],"period":{"unit":"week"}}]},' +
  '"timeZone":"Europe/Berlin","title":"A coffee","touchpoints":["lobby-1"],"version":3}';

/** The keys of everybody, from seeds that are one byte repeated. */
export function fixedParties(crypto: CryptoPort = createTweetnaclCrypto(countingRandomness())) {
  const voucherSigner = crypto.signer('Ed25519', filled(32, 0x02));
  const nextVoucherSigner = crypto.signer('Ed25519', filled(32, 0x03));
  return {
    crypto,
    root: crypto.signer('Ed25519', filled(32, 0x01)),
    voucherSigner,
    voucherKey: voucherKeyOf(crypto, voucherSigner.publicKey.bytes),
    nextVoucherSigner,
    nextVoucherKey: voucherKeyOf(crypto, nextVoucherSigner.publicKey.bytes),
    touchpoint: crypto.signer('Ed25519', filled(32, 0x04)),
    otherTouchpoint: crypto.signer('Ed25519', filled(32, 0x05)),
    phone: crypto.signer('Ed25519', filled(32, 0x06)),
    p256Phone: crypto.signer('P-256', filled(32, 0x07)),
    sealKey: crypto.boxKeyPair(filled(32, 0x08)),
    boxAdvertKey: crypto.boxKeyPair(filled(32, 0x09)),
    serverAdvertKey: crypto.boxKeyPair(filled(32, 0x0a)),
    nonceKey: filled(32, 0x0b),
    touchpointId: filled(8, 0xa1),
    otherTouchpointId: filled(8, 0xb2),
    transactionId: filled(16, 0xc3),
    boxNonce: filled(16, 0xd4),
    enrolmentSecretHash: enrolmentSecretHash(crypto, '0123456789ABCDEF'),
  };
}

export type FixedParties = ReturnType<typeof fixedParties>;

/** One tap: what each party would say, before it is signed. */
export function fixedTap(parties: FixedParties) {
  const { crypto, touchpointId, transactionId, boxNonce } = parties;
  const phoneId = phoneIdOf(crypto, parties.phone.publicKey);
  const serverNonce = makeServerNonce(crypto, parties.nonceKey, fixedProgramme, fixedNowMs);
  const hello: Hello = {
    touchpointId,
    boxNonce,
    challenge: challengeOf(crypto, serverNonce, phoneId, transactionId),
    bootCounter: 3,
    counterS: 86_400,
    manifestVersion: 7,
  };
  const signedHello = signHello(hello, parties.touchpoint);
  const sealedHello = sealHello(crypto, parties.sealKey.publicKey, signedHello);
  const request: Request = {
    programme: fixedProgramme,
    serverNonce,
    transactionId,
    phoneId,
    offer: 'free-coffee',
    amountMinor: 250,
    sealedHello,
  };
  const requestHash = crypto.sha256(filled(3, 0xe5));
  const grounds: VoucherGrounds = {
    programme: fixedProgramme,
    offer: 'free-coffee',
    offerVersion: 3,
    offerHash: crypto.sha256(utf8(fixedOfferText)),
    requestHash,
  };
  const voucher: Voucher = {
    touchpointId,
    boxNonce,
    transactionId,
    action: 'dispense',
    amountMinor: 250,
    serverTimeS: fixedNowS,
    manifestVersion: 8,
    receiptsThrough: 41,
    requestHash: truncatedHash(requestHash),
    offerHash: truncatedHash(grounds.offerHash),
  };
  const signedVoucher = signVoucher(voucher, parties.voucherSigner, parties.voucherKey.keyId);
  const refusal: Refusal = {
    transactionId,
    code: 'limit_reached',
    rule: 'per shopper, week',
    used: 1,
    maximum: 1,
    resetsAtS: fixedNowS + 86_400,
    serverTimeS: fixedNowS,
    requestHash,
  };
  const receipt: Receipt = {
    touchpointId,
    transactionId,
    voucherHash: crypto.sha256(signedVoucher),
    outcome: 'actuated',
    counter: 1,
    previousHash: FIRST_PREVIOUS_HASH,
  };
  const manifest: Manifest = {
    programme: fixedProgramme,
    version: 8,
    issuedAtS: fixedNowS,
    voucherKeys: [parties.voucherKey.publicKey.bytes, parties.nextVoucherKey.publicKey.bytes],
    sealKey: parties.sealKey.publicKey,
    revokedTouchpoints: [parties.otherTouchpointId],
    revokedVoucherKeys: [filled(4, 0xf6)],
  };
  return {
    phoneId,
    serverNonce,
    hello,
    signedHello,
    sealedHello,
    request,
    grounds,
    voucher,
    signedVoucher,
    refusal,
    receipt,
    manifest,
  };
}
