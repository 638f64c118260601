/** What a tap leaves behind: the chain of receipts, what rides along, and answers to messages out of place. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { voucherKeyIdOf } from '@tapseal/shared/key-id';
import { decodeReceipt, FIRST_PREVIOUS_HASH } from '@tapseal/shared/receipt';
import { describe, expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';

function tap(box: BoxBench, link: number, receiptsThrough = 0): Uint8Array[] {
  box.open(link);
  box.write(link, 'voucher', box.authority.voucher(box.greet(link), { receiptsThrough }));
  const receipts = box.take(link).flatMap(({ type, body }) => (type === 'receipt' ? [body] : []));
  box.close(link);
  return receipts;
}

function counters(receipts: readonly Uint8Array[]): number[] {
  return receipts.map((bytes) => decodeReceipt(bytes).receipt.counter);
}

describe('receipts', () => {
  test('each names the one before', async () => {
    const box = await enrolledBench({ seed: 601 });
    let previous = bytesToHex(FIRST_PREVIOUS_HASH);
    for (let link = 1; link <= 3; link++) {
      const [own = new Uint8Array()] = tap(box, link);
      const { receipt } = decodeReceipt(own);
      expect(receipt.counter).toBe(link);
      expect(bytesToHex(receipt.previousHash)).toBe(previous);
      previous = bytesToHex(box.crypto.sha256(own));
    }
    box.boot();
    const [own = new Uint8Array()] = tap(box, 9);
    expect(bytesToHex(decodeReceipt(own).receipt.previousHash)).toBe(previous);
  });

  test('its own comes first, then the oldest eight that the server does not have', async () => {
    const box = await enrolledBench({ seed: 602 });
    for (let link = 1; link <= 12; link++) tap(box, link);
    expect(counters(tap(box, 13))).toEqual([13, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(counters(tap(box, 14, 10))).toEqual([14, 11, 12, 13]);
    expect(counters(tap(box, 15, 14))).toEqual([15]);
    expect(box.store.state.receipts.map((kept) => kept.counter)).toEqual([15]);
  });

  test('a phone that is gone leaves its receipt to the next', async () => {
    const box = await enrolledBench({ seed: 603, actuator: 'manual' });
    box.open(1);
    box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
    box.close(1);
    box.finish(box.actuations[0]?.transactionId ?? '', true);
    box.open(2);
    box.write(2, 'voucher', box.authority.voucher(box.greet(2)));
    box.finish(box.actuations[1]?.transactionId ?? '', true);
    expect(box.receipts(2).map((receipt) => receipt.counter)).toEqual([2, 1]);
  });

  test('a failed actuator is in the receipt, in a status, and does not try again', async () => {
    const box = await enrolledBench({ seed: 604, actuator: 'fails' });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(1, 'voucher', voucher);
    const [receipt, status] = box.take(1);
    expect(decodeReceipt(receipt?.body ?? new Uint8Array()).receipt.outcome).toBe('failed');
    expect([status?.type, status?.body[0]]).toEqual(['status', 0x16]);
    box.write(1, 'voucher', voucher);
    expect(box.statuses(1)).toEqual(['voucher_used']);
  });

  test('an actuator that answers twice gets one receipt', async () => {
    const box = await enrolledBench({ seed: 605, actuator: 'manual' });
    box.open(1);
    box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
    const id = box.actuations[0]?.transactionId ?? '';
    box.finish(id, true);
    box.finish(id, false);
    expect(box.receipts(1)).toHaveLength(1);
  });
});

describe('messages out of place', () => {
  test.each(['hello', 'receipt', 'status'] as const)('%s from a phone', async (type) => {
    const box = await enrolledBench({ seed: 606 });
    box.open(1);
    box.write(1, type, new Uint8Array(1));
    expect(box.statuses(1)).toEqual(['message_unexpected']);
  });

  test('a write without a subscription drops the link: nobody would hear the answer', async () => {
    const box = await enrolledBench({ seed: 607 });
    box.feed({ kind: 'linkOpened', link: 5 });
    box.packet(5, Uint8Array.of(0x81));
    expect(box.dropReasons()).toEqual(['not subscribed']);
  });

  test('a packet of a link that is gone is nothing', async () => {
    const box = await enrolledBench({ seed: 608 });
    box.packet(77, Uint8Array.of(0x81));
    expect(box.dropped).toEqual([]);
  });

  test('a manifest that is not the root’s', async () => {
    const [box, other] = await Promise.all([enrolledBench({ seed: 609 }), enrolledBench({ seed: 610 })]);
    box.open(1);
    box.write(1, 'manifest', other.authority.manifest({ version: 9 }));
    expect(box.statuses(1)).toEqual(['manifest_signature_invalid']);
    expect(box.greet(1).manifestVersion).toBe(1);
  });

  test('a newer manifest of another programme under the same root: the box keeps its own, and what that revokes', async () => {
    const box = await enrolledBench({ seed: 611 });
    const { authority } = box;
    const stolen = box.crypto.signer('Ed25519', box.crypto.randomBytes(32));
    const voucherKeys = [authority.voucherKey, stolen].map((key) => key.publicKey.bytes);
    const revokedVoucherKeys = [voucherKeyIdOf(box.crypto, stolen.publicKey)];
    box.open(1);
    box.write(1, 'manifest', authority.manifest({ version: 2, voucherKeys, revokedVoucherKeys }));
    box.write(1, 'manifest', authority.manifest({ version: 9, voucherKeys, programme: 'another' }));
    expect(box.statuses(1)).toEqual(['manifest_installed', 'manifest_wrong_programme']);
    const tryStolen = (link: number): void => {
      const hello = box.greet(link);
      expect(hello.manifestVersion).toBe(2);
      box.write(link, 'voucher', authority.voucher(hello, {}, stolen));
      expect(box.statuses(link)).toEqual(['voucher_signature_invalid']);
    };
    tryStolen(1);
    // Nor was it written down.
    box.boot();
    box.open(2);
    tryStolen(2);
    box.write(2, 'manifest', authority.manifest({ version: 3 }));
    expect(box.statuses(2)).toEqual(['manifest_installed']);
    expect(box.actuations).toEqual([]);
  });
});
