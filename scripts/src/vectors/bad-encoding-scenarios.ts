/** What has to be refused for its length or its encoding, though truly signed wherever it can be. */
import { concatBytes } from '@tapseal/shared/bytes';
import { encodeCbor } from '@tapseal/shared/cbor';
import { sign1 } from '@tapseal/shared/cose-sign1';
import { fixedProgramme } from '@tapseal/shared/vectors/fixed-parties';
import { signVoucherJws, type VoucherClaims, voucherClaims } from '@tapseal/shared/voucher-jws';
import { signedManifest } from './good-scenarios.js';
import {
  given,
  parties,
  type Scenario,
  signWithHeader,
  tap,
  voucherFields,
  voucherOf,
} from './make-vector.js';
import { keys, malformed, payload, refused, tooLong } from './refused-scenario.js';

const { voucherSigner, voucherKey, touchpoint, phone } = parties;
const { keyId } = voucherKey;
const indefinite = concatBytes(Uint8Array.of(0x9f), payload.subarray(1), Uint8Array.of(0xff));
const jwsWithout = (claim: keyof VoucherClaims) => {
  const { [claim]: _, ...claims } = voucherClaims(tap.voucher, tap.grounds);
  // An object without one of its claims is none by its type: that is the point.
  return signVoucherJws(parties.crypto, claims as VoucherClaims, voucherSigner);
};
const signedPayload = (bytes: Uint8Array) => sign1('voucher', bytes, voucherSigner, keyId);

export const badEncodingScenarios: readonly Scenario[] = [
  refused(
    'voucher-too-long',
    'voucher',
    keys,
    new Uint8Array(182),
    tooLong,
    'A byte more than any voucher may have: not even looked at.',
  ),
  refused(
    'voucher-truncated',
    'voucher',
    keys,
    tap.signedVoucher.subarray(0, -1),
    malformed,
    'The last byte of the signature is missing.',
  ),
  refused(
    'voucher-trailing',
    'voucher',
    keys,
    concatBytes(tap.signedVoucher, Uint8Array.of(0)),
    malformed,
    'One byte after the end.',
  ),
  refused(
    'voucher-tagged',
    'voucher',
    keys,
    concatBytes(Uint8Array.of(0xd2), tap.signedVoucher),
    malformed,
    'COSE_Sign1 with its tag 18: this protocol has no tags.',
  ),
  refused(
    'voucher-indefinite',
    'voucher',
    keys,
    signedPayload(indefinite),
    malformed,
    'A truly signed payload of indefinite length.',
  ),
  refused(
    'voucher-payload-trailing',
    'voucher',
    keys,
    signedPayload(concatBytes(payload, Uint8Array.of(0xf6))),
    malformed,
    'A truly signed payload with one item after its end.',
  ),
  refused(
    'voucher-non-minimal',
    'voucher',
    keys,
    signedPayload(concatBytes(Uint8Array.of(0x98, voucherFields.length), payload.subarray(1))),
    malformed,
    'A truly signed payload whose array head is longer than it need be.',
  ),
  refused(
    'voucher-unknown-field',
    'voucher',
    keys,
    voucherOf([...voucherFields, 0]),
    malformed,
    'An eleventh field, truly signed.',
  ),
  refused(
    'voucher-missing-field',
    'voucher',
    keys,
    voucherOf(voucherFields.slice(0, -1)),
    malformed,
    'Nine fields, truly signed: the hash of the offer is missing.',
  ),
  refused(
    'voucher-amount-over',
    'voucher',
    keys,
    voucherOf(voucherFields.with(4, 2 ** 32)),
    malformed,
    'An amount of 2^32, truly signed.',
  ),
  refused(
    'voucher-amount-negative',
    'voucher',
    keys,
    voucherOf(voucherFields.with(4, -1)),
    malformed,
    'An amount below zero, truly signed.',
  ),
  refused(
    'voucher-short-nonce',
    'voucher',
    keys,
    voucherOf(voucherFields.with(1, new Uint8Array(15))),
    malformed,
    'A box nonce of 15 bytes, truly signed.',
  ),
  refused(
    'voucher-short-offer-hash',
    'voucher',
    keys,
    voucherOf(voucherFields.with(9, tap.voucher.offerHash.subarray(1))),
    malformed,
    'An offer hash of 15 bytes, truly signed.',
  ),
  refused(
    'voucher-long-offer-hash',
    'voucher',
    keys,
    voucherOf(voucherFields.with(9, tap.grounds.offerHash.subarray(0, 17))),
    malformed,
    'An offer hash of 17 bytes, truly signed.',
  ),
  refused(
    'voucher-whole-request-hash',
    'voucher',
    keys,
    voucherOf([...voucherFields.slice(0, 8), tap.grounds.requestHash]),
    malformed,
    'The hash of the request with all 32 bytes and none of the offer, truly signed.',
  ),
  refused(
    'voucher-jws-without-offer-hash',
    'jws',
    keys,
    jwsWithout('offerHash'),
    malformed,
    'A JWS without the hash of the offer, truly signed.',
  ),
  refused(
    'voucher-jws-without-offer-version',
    'jws',
    keys,
    jwsWithout('offerVersion'),
    malformed,
    'A JWS that does not say which version of the offer, truly signed.',
  ),
  refused(
    'voucher-unknown-action',
    'voucher',
    keys,
    voucherOf(voucherFields.with(3, 6)),
    malformed,
    'Action 6 means nothing in version 1.',
  ),
  refused(
    'voucher-unprotected',
    'voucher',
    keys,
    signWithHeader(
      'voucher',
      new Map<number, number | Uint8Array>([
        [1, -8],
        [4, keyId],
      ]),
      payload,
      voucherSigner,
      new Map([[4, keyId]]),
    ),
    malformed,
    'The unprotected header must be empty: nobody signs it.',
  ),
  refused(
    'voucher-header-extra',
    'voucher',
    keys,
    signWithHeader(
      'voucher',
      new Map<number, number | Uint8Array>([
        [1, -8],
        [3, 0],
        [4, keyId],
      ]),
      payload,
      voucherSigner,
    ),
    malformed,
    'A content type in the protected header, truly signed.',
  ),
  refused(
    'voucher-without-kid',
    'voucher',
    keys,
    sign1('voucher', payload, voucherSigner),
    malformed,
    'A voucher has to say which key signed it.',
  ),
  refused(
    'manifest-too-long',
    'manifest',
    given.rootKey,
    new Uint8Array(8_193),
    tooLong,
    'A byte more than any manifest may have.',
  ),
  refused(
    'manifest-duplicate-key',
    'manifest',
    given.rootKey,
    concatBytes(Uint8Array.of(0x84, 0x45, 0xa2, 1, 0x27, 1, 0x27), signedManifest.subarray(5)),
    malformed,
    'The algorithm stands twice in the protected header.',
  ),
  refused(
    'receipt-counter-zero',
    'receipt',
    given.touchpointKey,
    sign1(
      'receipt',
      encodeCbor([
        tap.receipt.touchpointId,
        tap.receipt.transactionId,
        tap.receipt.voucherHash,
        1,
        0,
        tap.receipt.previousHash,
      ]),
      touchpoint,
    ),
    malformed,
    'Counters begin at 1; truly signed.',
  ),
  refused(
    'request-name',
    'request',
    given.phoneKey,
    sign1(
      'request',
      encodeCbor([
        fixedProgramme,
        tap.serverNonce,
        tap.request.transactionId,
        tap.phoneId,
        'Free Coffee',
        250,
        tap.sealedHello,
      ]),
      phone,
    ),
    malformed,
    'An offer whose name is none, truly signed.',
  ),
  refused(
    'refusal-long-rule',
    'refusal',
    keys,
    sign1(
      'refusal',
      encodeCbor([
        tap.refusal.transactionId,
        'limit_reached',
        'é'.repeat(61),
        1,
        1,
        0,
        0,
        tap.refusal.requestHash,
      ]),
      voucherSigner,
      keyId,
    ),
    malformed,
    'A rule of 61 characters but 122 bytes, truly signed.',
  ),
];
