/** One good message of each object, and of each form of it. */
import { firstAdvertKey, makeAdvert, scanResponseData } from '@tapseal/shared/advert';
import { bytesToHex } from '@tapseal/shared/bytes';
import { encodeChallenge } from '@tapseal/shared/challenge';
import { signEnrolmentBinding } from '@tapseal/shared/enrolment';
import { encodeFrames } from '@tapseal/shared/frame';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signManifest } from '@tapseal/shared/manifest';
import { signReceipt } from '@tapseal/shared/receipt';
import { signRefusal } from '@tapseal/shared/refusal';
import { signRegistration } from '@tapseal/shared/registration';
import { signRequest } from '@tapseal/shared/request';
import { encodeStatus } from '@tapseal/shared/status';
import { truncatedHash } from '@tapseal/shared/truncated-hash';
import { fixedNowMs, fixedOfferText, fixedProgramme } from '@tapseal/shared/vectors/fixed-parties';
import { signVoucher } from '@tapseal/shared/voucher';
import { signVoucherJws, voucherClaims } from '@tapseal/shared/voucher-jws';
import { given, parties, type Scenario, tap } from './make-vector.js';

const { crypto, voucherSigner, voucherKey, touchpoint, phone, p256Phone } = parties;

const advertSecret = crypto.x25519(parties.boxAdvertKey.privateKey, parties.serverAdvertKey.publicKey);
if (advertSecret === undefined) throw new Error('the fixed keys have no low order');
export const advertKey = firstAdvertKey(crypto, advertSecret, parties.touchpointId);
export const advert = scanResponseData(makeAdvert(crypto, advertKey, new Uint8Array(8).fill(0x17))).subarray(
  2,
);
export const signedRequest = await signRequest(tap.request, phone);
export const signedRefusal = signRefusal(tap.refusal, voucherSigner, voucherKey.keyId);
export const signedReceipt = signReceipt(tap.receipt, touchpoint);
export const signedManifest = signManifest(tap.manifest, parties.root);
export const p256Request = await signRequest(
  { ...tap.request, phoneId: phoneIdOf(crypto, p256Phone.publicKey) },
  p256Phone,
);
export const p256PhoneKey = { phoneKey: bytesToHex(p256Phone.publicKey.bytes) };
export const jws = signVoucherJws(crypto, voucherClaims(tap.voucher, tap.grounds), voucherSigner);
export const nonceGiven = {
  nonceKey: bytesToHex(parties.nonceKey),
  programme: fixedProgramme,
  nowMs: fixedNowMs + 120_000,
};

/** The answer to the signed request, which approves 250. */
export const answerTo = { ...given.voucherKeys, request: bytesToHex(signedRequest) };
export function answerOf(amountMinor: number): Uint8Array {
  const requestHash = truncatedHash(crypto.sha256(signedRequest));
  return signVoucher({ ...tap.voucher, amountMinor, requestHash }, voucherSigner, voucherKey.keyId);
}

const maxima = {
  ...tap.voucher,
  action: 'stamp',
  amountMinor: 0xffff_ffff,
  serverTimeS: 0xffff_ffff,
  manifestVersion: 0xffff_ffff,
  receiptsThrough: 0xffff_ffff,
} as const;

export const goodScenarios: readonly Scenario[] = [
  {
    name: 'advert',
    comment: 'Manufacturer data of a scan response in epoch 0; the key comes from both X25519 halves.',
    reader: 'advert',
    given: { advertKey: bytesToHex(advertKey) },
    message: advert,
  },
  {
    name: 'advert-of-another',
    comment:
      'Well-formed, but the key at hand is not that of its touchpoint: known is false, and nothing is raised.',
    reader: 'advert',
    given: { advertKey: bytesToHex(new Uint8Array(32)) },
    message: advert,
  },
  {
    name: 'nonce',
    comment: 'The last millisecond of its 120 seconds.',
    reader: 'nonce',
    given: nonceGiven,
    message: tap.serverNonce,
  },
  {
    name: 'challenge',
    comment: 'Version, suite, and 16 bytes of SHA-256(nonce, phone id, transaction id).',
    reader: 'challenge',
    given: {},
    message: encodeChallenge(tap.hello.challenge),
  },
  {
    name: 'hello',
    comment: 'Signed by the touchpoint, before it is sealed.',
    reader: 'hello',
    given: given.touchpointKey,
    message: tap.signedHello,
  },
  {
    name: 'hello-sealed',
    comment: 'The same in a sealed box of libsodium, as the phone carries it.',
    reader: 'sealed-hello',
    given: given.sealed,
    message: tap.sealedHello,
  },
  {
    name: 'request',
    comment: 'Signed by an Ed25519 phone.',
    reader: 'request',
    given: given.phoneKey,
    message: signedRequest,
  },
  {
    name: 'request-p256',
    comment: 'Signed by a P-256 phone, with the low s.',
    reader: 'request',
    given: p256PhoneKey,
    message: p256Request,
  },
  {
    name: 'voucher',
    comment: 'Signed with a voucher key that the kid names.',
    reader: 'voucher',
    given: given.voucherKeys,
    message: tap.signedVoucher,
  },
  {
    name: 'voucher-maxima',
    comment: 'Every number at its bound: still one packet at MTU 185.',
    reader: 'voucher',
    given: given.voucherKeys,
    message: signVoucher(maxima, voucherSigner, voucherKey.keyId),
  },
  {
    name: 'voucher-next-key',
    comment: 'Signed with the second key of the manifest, as during a rotation.',
    reader: 'voucher',
    given: given.voucherKeys,
    message: signVoucher(tap.voucher, parties.nextVoucherSigner, parties.nextVoucherKey.keyId),
  },
  {
    name: 'voucher-whole-award',
    comment: 'The answer to a request that approves 250, with all of it.',
    reader: 'voucher',
    given: answerTo,
    message: answerOf(250),
  },
  {
    name: 'voucher-partial-award',
    comment: 'The same with 249: a limit that awards a part had no more left. The phone takes it.',
    reader: 'voucher',
    given: answerTo,
    message: answerOf(249),
  },
  {
    name: 'voucher-jws',
    comment:
      'The same voucher for verifiers on the web, with both hashes whole; the text of the offer version is given.',
    reader: 'jws',
    given: { ...given.voucherKeys, offerVersion: fixedOfferText },
    message: jws,
  },
  {
    name: 'refusal',
    comment: 'Signed with a voucher key, over a context of its own.',
    reader: 'refusal',
    given: given.voucherKeys,
    message: signedRefusal,
  },
  {
    name: 'receipt-first',
    comment: 'The first receipt of a box: counter 1, zeros for the hash of the one before.',
    reader: 'receipt',
    given: given.touchpointKey,
    message: signedReceipt,
  },
  {
    name: 'receipt-second',
    comment: 'Names the hash of the first one; the actuator reported a fault.',
    reader: 'receipt',
    given: given.touchpointKey,
    message: signReceipt(
      { ...tap.receipt, outcome: 'failed', counter: 2, previousHash: crypto.sha256(signedReceipt) },
      touchpoint,
    ),
  },
  {
    name: 'registration',
    comment: 'An Ed25519 phone proves that it holds its key.',
    reader: 'registration',
    given: {},
    message: await signRegistration(fixedProgramme, tap.serverNonce, phone),
  },
  {
    name: 'registration-p256',
    comment: 'The same with P-256: 65 bytes of key, the algorithm from the header.',
    reader: 'registration',
    given: {},
    message: await signRegistration(fixedProgramme, tap.serverNonce, p256Phone),
  },
  {
    name: 'manifest',
    comment: 'Two voucher keys, one revoked touchpoint, one revoked voucher key.',
    reader: 'manifest',
    given: given.rootKey,
    message: signedManifest,
  },
  {
    name: 'enrolment',
    comment:
      'The X25519 key of a box, bound to its Ed25519 key and to the enrolment code 0123-4567-89AB-CDEF-….',
    reader: 'enrolment',
    given: given.enrolment,
    message: signEnrolmentBinding(parties.enrolmentSecretHash, parties.boxAdvertKey.publicKey, touchpoint),
  },
  {
    name: 'frames-mtu-185',
    comment: 'A voucher in one packet, a status in another.',
    reader: 'frames',
    given: {},
    message: [
      ...encodeFrames({ type: 'voucher', body: tap.signedVoucher }, 185),
      ...encodeFrames({ type: 'status', body: encodeStatus('voucher_used') }, 185),
    ],
  },
  {
    name: 'frames-mtu-23',
    comment: 'The same voucher at the smallest MTU of all.',
    reader: 'frames',
    given: {},
    message: encodeFrames({ type: 'voucher', body: tap.signedVoucher }, 23),
  },
  {
    name: 'status',
    comment: 'The box has served this transaction before.',
    reader: 'status',
    given: {},
    message: encodeStatus('voucher_used'),
  },
];
