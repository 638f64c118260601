/** What our own side refuses to sign: a fault shows where it is made, not at the reader. */
import { expect, test } from 'vitest';
import { challengeOf, encodeChallenge } from './challenge.js';
import { signHello } from './hello.js';
import { signManifest } from './manifest.js';
import { native, parties, tap } from './objects.contract.js';
import { signReceipt } from './receipt.js';
import { signRefusal } from './refusal.js';
import { signRegistration } from './registration.js';
import { signRequest } from './request.js';
import { truncatedHash } from './truncated-hash.js';
import { signVoucher } from './voucher.js';

const { touchpoint, phone, root, voucherSigner, voucherKey } = parties;
const short = new Uint8Array(3);

const faults: Record<string, () => unknown> = {
  'hello: id': () => signHello({ ...tap.hello, touchpointId: short }, touchpoint),
  'hello: nonce': () => signHello({ ...tap.hello, boxNonce: short }, touchpoint),
  'hello: challenge': () => signHello({ ...tap.hello, challenge: short }, touchpoint),
  'hello: counter': () => signHello({ ...tap.hello, counterS: 2 ** 32 }, touchpoint),
  'hello: half a second': () => signHello({ ...tap.hello, counterS: 0.5 }, touchpoint),
  'hello: boot': () => signHello({ ...tap.hello, bootCounter: -1 }, touchpoint),
  'request: programme': () => signRequest({ ...tap.request, programme: 'De mo' }, phone),
  'request: offer': () => signRequest({ ...tap.request, offer: '' }, phone),
  'request: amount': () => signRequest({ ...tap.request, amountMinor: Number.NaN }, phone),
  'request: hello': () => signRequest({ ...tap.request, sealedHello: new Uint8Array() }, phone),
  'request: long hello': () => signRequest({ ...tap.request, sealedHello: new Uint8Array(182) }, phone),
  'request: phone': () => signRequest({ ...tap.request, phoneId: short }, phone),
  'registration: programme': () => signRegistration('', tap.serverNonce, phone),
  'registration: nonce': () => signRegistration('demo', short, phone),
  'voucher: hash': () => signVoucher({ ...tap.voucher, requestHash: short }, voucherSigner, voucherKey.keyId),
  'voucher: a whole hash': () =>
    signVoucher({ ...tap.voucher, requestHash: tap.grounds.requestHash }, voucherSigner, voucherKey.keyId),
  'voucher: offer hash': () =>
    signVoucher({ ...tap.voucher, offerHash: short }, voucherSigner, voucherKey.keyId),
  'voucher: a whole offer hash': () =>
    signVoucher({ ...tap.voucher, offerHash: tap.grounds.offerHash }, voucherSigner, voucherKey.keyId),
  'truncated hash: truncated before': () => truncatedHash(tap.voucher.offerHash),
  'voucher: kid': () => signVoucher(tap.voucher, voucherSigner, short),
  'voucher: amount': () => signVoucher({ ...tap.voucher, amountMinor: -1 }, voucherSigner, voucherKey.keyId),
  'refusal: kid': () => signRefusal(tap.refusal, voucherSigner, short),
  'refusal: rule': () =>
    signRefusal({ ...tap.refusal, rule: 'é'.repeat(61) }, voucherSigner, voucherKey.keyId),
  'receipt: counter 0': () => signReceipt({ ...tap.receipt, counter: 0 }, touchpoint),
  'receipt: hash': () => signReceipt({ ...tap.receipt, previousHash: short }, touchpoint),
  'manifest: programme': () => signManifest({ ...tap.manifest, programme: 'De mo' }, root),
  'manifest: key': () => signManifest({ ...tap.manifest, voucherKeys: [short] }, root),
  'manifest: keys': () =>
    signManifest({ ...tap.manifest, voucherKeys: Array.from({ length: 9 }, () => new Uint8Array(32)) }, root),
  'manifest: revoked': () => signManifest({ ...tap.manifest, revokedTouchpoints: [short] }, root),
  challenge: () => encodeChallenge(short),
  'challenge: ids': () => challengeOf(native, tap.serverNonce, short, tap.request.transactionId),
};

test.each(Object.entries(faults))('%s', (_, fault) => {
  expect(fault).toThrow(RangeError);
});
