/** What has to be refused for its algorithm or its signature: a parse error must not pass for a signature error. */
import { bytesToHex, concatBytes, hexToBytes } from '@tapseal/shared/bytes';
import { encodeCbor } from '@tapseal/shared/cbor';
import { sign1 } from '@tapseal/shared/cose-sign1';
import { signEnrolmentBinding } from '@tapseal/shared/enrolment';
import { signHello } from '@tapseal/shared/hello';
import { signManifest } from '@tapseal/shared/manifest';
import { signRegistration } from '@tapseal/shared/registration';
import { fixedProgramme } from '@tapseal/shared/vectors/fixed-parties';
import { signVoucher } from '@tapseal/shared/voucher';
import {
  jws,
  p256PhoneKey,
  p256Request,
  signedReceipt,
  signedRefusal,
  signedRequest,
} from './good-scenarios.js';
import { flipBit, given, parties, type Scenario, signWithHeader, tap } from './make-vector.js';
import { falseVoucher, keys, malformed, otherSuite, payload, refused } from './refused-scenario.js';

const { voucherSigner, voucherKey, touchpoint, phone, p256Phone } = parties;
const { keyId } = voucherKey;

/** (r, n − s) in the place of (r, s). */
function withHighS(message: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${bytesToHex(message.subarray(-32))}`);
  const highS = hexToBytes((order - s).toString(16).padStart(64, '0'), 32) ?? new Uint8Array();
  return concatBytes(message.subarray(0, -32), highS);
}

/** S + L in the place of S: the same signature modulo the order of the group. */
function withLargeS(message: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${bytesToHex(message.slice(-32).reverse())}`);
  const largeS = hexToBytes((order + s).toString(16).padStart(64, '0'), 32)?.reverse() ?? new Uint8Array();
  return concatBytes(message.subarray(0, -32), largeS);
}

/** Neutral point as key and as R, S = 0: verifies for every message where low order is not refused. */
function registrationOfNeutralKey(): Uint8Array {
  const neutral = concatBytes(Uint8Array.of(1), new Uint8Array(31));
  const fields = encodeCbor([fixedProgramme, tap.serverNonce, neutral]);
  return sign1('registration', fields, {
    publicKey: { algorithm: 'Ed25519', bytes: neutral },
    sign: () => concatBytes(neutral, new Uint8Array(32)),
  });
}

const jwsWith = (header: object) => {
  const [, claims = '', signature = ''] = jws.split('.');
  return `${btoa(JSON.stringify(header)).replaceAll('=', '')}.${claims}.${signature}`;
};

export const badSignatureScenarios: readonly Scenario[] = [
  // Algorithms.
  refused(
    'voucher-other-algorithm',
    'voucher',
    keys,
    signWithHeader(
      'voucher',
      new Map<number, number | Uint8Array>([
        [1, -7],
        [4, keyId],
      ]),
      payload,
      voucherSigner,
    ),
    otherSuite,
    'The header says ES256, the key is Ed25519.',
  ),
  refused(
    'voucher-unknown-algorithm',
    'voucher',
    keys,
    signWithHeader(
      'voucher',
      new Map<number, number | Uint8Array>([
        [1, 5],
        [4, keyId],
      ]),
      payload,
      voucherSigner,
    ),
    otherSuite,
    'HMAC with SHA-256: a public key is no MAC key.',
  ),
  refused(
    'voucher-jws-none',
    'jws',
    keys,
    jwsWith({ alg: 'none', typ: 'tapseal-voucher+jwt' }),
    otherSuite,
    'The algorithm "none" (RFC 8725 §2.1).',
  ),
  refused(
    'voucher-jws-other-type',
    'jws',
    keys,
    jwsWith({ alg: 'EdDSA', typ: 'JWT' }),
    otherSuite,
    'Any other token of the same key is no voucher (RFC 8725 §3.11).',
  ),
  refused(
    'request-p256-as-ed25519',
    'request',
    given.phoneKey,
    p256Request,
    otherSuite,
    'Signed with P-256, but the phone is known with an Ed25519 key.',
  ),
  // Signatures.
  refused(
    'voucher-wrong-kid',
    'voucher',
    keys,
    sign1('voucher', payload, voucherSigner, parties.nextVoucherKey.keyId),
    falseVoucher,
    'The kid names one key of the manifest, another one signed.',
  ),
  refused(
    'voucher-unknown-kid',
    'voucher',
    keys,
    sign1('voucher', payload, voucherSigner, new Uint8Array(4)),
    falseVoucher,
    'A kid that no key has gets the same answer as a false signature.',
  ),
  refused(
    'voucher-wrong-signer',
    'voucher',
    keys,
    sign1('voucher', payload, touchpoint, keyId),
    falseVoucher,
    'Signed by a touchpoint with the kid of the server.',
  ),
  refused(
    'voucher-wrong-kind',
    'voucher',
    keys,
    sign1('refusal', payload, voucherSigner, keyId),
    falseVoucher,
    'The right key and payload, signed as a refusal.',
  ),
  refused(
    'voucher-flipped-payload',
    'voucher',
    keys,
    flipBit(tap.signedVoucher, 8 * 30),
    falseVoucher,
    'One bit of the box nonce.',
  ),
  refused(
    'voucher-flipped-signature',
    'voucher',
    keys,
    flipBit(tap.signedVoucher, 8 * (tap.signedVoucher.length - 20)),
    falseVoucher,
    'One bit of the signature.',
  ),
  refused(
    'voucher-s-plus-order',
    'voucher',
    keys,
    withLargeS(tap.signedVoucher),
    falseVoucher,
    'S + L in the place of S (RFC 8032 §5.1.7): property 24.',
  ),
  refused(
    'voucher-jws-flipped',
    'jws',
    keys,
    jws.replace(/\.ey(.)/, '.ey$1').replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    falseVoucher,
    'One letter of the signature.',
  ),
  refused(
    'refusal-as-voucher-kind',
    'refusal',
    keys,
    sign1(
      'voucher',
      encodeCbor([
        tap.refusal.transactionId,
        'limit_reached',
        tap.refusal.rule,
        1,
        1,
        tap.refusal.resetsAtS,
        tap.refusal.serverTimeS,
        tap.refusal.requestHash,
      ]),
      voucherSigner,
      keyId,
    ),
    falseVoucher,
    'The fields of a refusal, signed as a voucher.',
  ),
  refused(
    'refusal-flipped',
    'refusal',
    keys,
    flipBit(signedRefusal, 8 * (signedRefusal.length - 80)),
    falseVoucher,
    'One bit of the hash of the request.',
  ),
  refused(
    'request-p256-high-s',
    'request',
    p256PhoneKey,
    withHighS(p256Request),
    ['signature', 'phone_signature_invalid'],
    '(r, n − s) verifies in ECDSA; here it is refused: property 24.',
  ),
  refused(
    'request-flipped',
    'request',
    given.phoneKey,
    flipBit(signedRequest, 8 * 170),
    ['signature', 'phone_signature_invalid'],
    'One bit of the sealed hello in a request.',
  ),
  refused(
    'hello-wrong-signer',
    'hello',
    given.touchpointKey,
    signHello(tap.hello, parties.otherTouchpoint),
    ['signature', 'hello_signature_invalid'],
    'The hello of one touchpoint, signed by another.',
  ),
  refused(
    'receipt-from-hello',
    'receipt',
    given.touchpointKey,
    tap.signedHello,
    malformed,
    'A hello of the same touchpoint has six fields too, but other ones.',
  ),
  refused(
    'receipt-wrong-signer',
    'receipt',
    { touchpointKey: bytesToHex(parties.otherTouchpoint.publicKey.bytes) },
    signedReceipt,
    ['signature', 'receipt_signature_invalid'],
    'Checked with the key of another touchpoint.',
  ),
  refused(
    'registration-low-order',
    'registration',
    {},
    registrationOfNeutralKey(),
    ['signature', 'proof_invalid'],
    'The neutral point as key: it would verify every message. Property 24.',
  ),
  refused(
    'registration-of-another',
    'registration',
    {},
    sign1(
      'registration',
      encodeCbor([fixedProgramme, tap.serverNonce, parties.otherTouchpoint.publicKey.bytes]),
      phone,
    ),
    ['signature', 'proof_invalid'],
    'The key of somebody else, signed with the own one.',
  ),
  refused(
    'registration-unknown-algorithm',
    'registration',
    {},
    flipBit(await signRegistration(fixedProgramme, tap.serverNonce, p256Phone), 8 * 4 + 6),
    otherSuite,
    'The algorithm in the header turned into one that nobody has.',
  ),
  refused(
    'manifest-voucher-key',
    'manifest',
    given.rootKey,
    signManifest(tap.manifest, voucherSigner),
    ['signature', 'manifest_signature_invalid'],
    'A voucher key cannot sign a manifest: only the root can.',
  ),
  refused(
    'enrolment-other-box',
    'enrolment',
    given.enrolment,
    signEnrolmentBinding(
      parties.enrolmentSecretHash,
      parties.boxAdvertKey.publicKey,
      parties.otherTouchpoint,
    ),
    ['signature', 'enrolment_request_invalid'],
    'Signed by another box than the certificate request names.',
  ),
  refused(
    'voucher-flipped-kid',
    'voucher',
    keys,
    flipBit(signVoucher(tap.voucher, voucherSigner, keyId), 8 * 9),
    falseVoucher,
    'One bit of the kid: the hint leads to no key.',
  ),
];
