/** What has to be refused for its version, seal, MAC, age or frames, or for what its receiver knows. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { encodeCbor } from '@tapseal/shared/cbor';
import { encodeChallenge } from '@tapseal/shared/challenge';
import { encodeFrames } from '@tapseal/shared/frame';
import { sealHello } from '@tapseal/shared/hello';
import { fixedNowMs } from '@tapseal/shared/vectors/fixed-parties';
import { advert, advertKey, answerOf, answerTo, nonceGiven, signedManifest } from './good-scenarios.js';
import { flipBit, given, parties, type Scenario, tap } from './make-vector.js';
import { keys, malformed, otherSuite, refused } from './refused-scenario.js';

const { crypto } = parties;
const [firstFrame = new Uint8Array(), secondFrame = new Uint8Array()] = encodeFrames(
  { type: 'voucher', body: tap.signedVoucher },
  100,
);
const otherSealKey = { ...given.sealed, sealPrivateKey: bytesToHex(parties.serverAdvertKey.privateKey) };
const challenge = encodeChallenge(tap.hello.challenge);
const challengeWith = (at: number, byte: number) => Uint8Array.from(challenge).fill(byte, at, at + 1);

export const badLinkScenarios: readonly Scenario[] = [
  // Versions.
  refused(
    'challenge-version-0',
    'challenge',
    {},
    challengeWith(0, 0),
    ['version', 'version_unsupported'],
    'A lower version is refused, never negotiated: property 10.',
  ),
  refused(
    'challenge-version-2',
    'challenge',
    {},
    challengeWith(0, 2),
    ['version', 'version_unsupported'],
    'So is a higher one.',
  ),
  refused('challenge-suite-0', 'challenge', {}, challengeWith(1, 0), otherSuite, 'Another suite.'),
  refused('challenge-short', 'challenge', {}, challenge.subarray(0, -1), malformed, 'A byte is missing.'),
  refused(
    'advert-version-0',
    'advert',
    { advertKey: bytesToHex(advertKey) },
    Uint8Array.from(advert).fill(0, 2, 3),
    ['version', 'version_unsupported'],
    'An advert of a lower version.',
  ),
  refused(
    'advert-other-company',
    'advert',
    { advertKey: bytesToHex(advertKey) },
    Uint8Array.from(advert).fill(0x4c, 0, 1),
    malformed,
    'Manufacturer data of somebody else.',
  ),
  // Seal, MAC, freshness.
  refused(
    'hello-sealed-to-another',
    'sealed-hello',
    otherSealKey,
    tap.sealedHello,
    ['seal', 'seal_invalid'],
    'Opened by another server.',
  ),
  refused(
    'hello-sealed-flipped',
    'sealed-hello',
    given.sealed,
    flipBit(tap.sealedHello, 8 * 60),
    ['seal', 'seal_invalid'],
    'One bit of the box.',
  ),
  refused(
    'hello-sealed-unsigned',
    'sealed-hello',
    given.sealed,
    sealHello(crypto, parties.sealKey.publicKey, encodeCbor([1, 2, 3])),
    malformed,
    'Anyone can seal: what is inside must be a signed hello.',
  ),
  refused(
    'nonce-flipped',
    'nonce',
    nonceGiven,
    flipBit(tap.serverNonce, 8 * 10),
    ['mac', 'nonce_invalid'],
    'One bit of its randomness.',
  ),
  refused(
    'nonce-other-programme',
    'nonce',
    { ...nonceGiven, programme: 'other' },
    tap.serverNonce,
    ['mac', 'nonce_invalid'],
    'A nonce of one programme is none of another.',
  ),
  refused(
    'nonce-expired',
    'nonce',
    { ...nonceGiven, nowMs: fixedNowMs + 120_001 },
    tap.serverNonce,
    ['freshness', 'nonce_expired'],
    'One millisecond after its 120 seconds.',
  ),
  // Frames.
  refused(
    'frames-interrupted',
    'frames',
    {},
    [firstFrame, firstFrame],
    ['frame', 'message_malformed'],
    'A message begins inside another one.',
  ),
  refused(
    'frames-of-nothing',
    'frames',
    {},
    [secondFrame],
    ['frame', 'message_malformed'],
    'A message that never began goes on.',
  ),
  refused(
    'frames-empty',
    'frames',
    {},
    [new Uint8Array()],
    ['frame', 'message_malformed'],
    'A packet without a byte.',
  ),
  refused(
    'frames-too-long',
    'frames',
    {},
    [Uint8Array.of(0xc5, 0x20, 0x01, 0)],
    ['length', 'message_too_long'],
    'The first fragment announces 8,193 bytes: refused before any is stored.',
  ),
  refused(
    'status-unknown',
    'status',
    {},
    Uint8Array.of(0xff),
    malformed,
    'A byte that means nothing in version 1.',
  ),
  // State: truly signed, and refused by what the receiver knows.
  refused(
    'manifest-older',
    'manifest',
    { ...given.rootKey, heldVersion: 9 },
    signedManifest,
    ['state', 'manifest_older'],
    'Version 8, where the box has version 9.',
  ),
  refused(
    'manifest-same',
    'manifest',
    { ...given.rootKey, heldVersion: 8 },
    signedManifest,
    ['state', 'manifest_older'],
    'Version 8, where the box has it already: only newer ones are installed.',
  ),
  refused(
    'manifest-other-programme',
    'manifest',
    { ...given.rootKey, heldVersion: 7, ownProgramme: 'other' },
    signedManifest,
    ['state', 'manifest_wrong_programme'],
    'Newer than what the box has, but of another programme under the same root.',
  ),
  refused(
    'voucher-other-touchpoint',
    'voucher',
    { ...keys, ownTouchpointId: bytesToHex(parties.otherTouchpointId) },
    tap.signedVoucher,
    ['state', 'voucher_wrong_touchpoint'],
    'Carried to another box: property 1.',
  ),
  refused(
    'voucher-time-older',
    'voucher',
    { ...keys, newestServerTimeS: tap.voucher.serverTimeS + 181 },
    tap.signedVoucher,
    ['state', 'voucher_time_older'],
    'More than 180 seconds older than the newest server time that the box has seen: property 7.',
  ),
  // Approval: truly signed, and refused by the phone, which knows what was approved.
  refused(
    'voucher-award-above-approved',
    'voucher',
    answerTo,
    answerOf(251),
    ['approval', 'server_answer_invalid'],
    'An award of 251, where the shopper approved 250.',
  ),
  refused(
    'voucher-other-request',
    'voucher',
    answerTo,
    tap.signedVoucher,
    ['approval', 'server_answer_invalid'],
    'The right transaction, touchpoint and amount, with the hash of another request.',
  ),
];
