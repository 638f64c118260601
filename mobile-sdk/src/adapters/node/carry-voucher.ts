/**
 * Carries a voucher to a box as it is, outside of a tap, and tells what the box says: for technicians, and to show that a
 * voucher that was used, or is of another box, is refused.
 */
import { decodeReceipt } from '@tapseal/shared/receipt';
import { decodeStatus } from '@tapseal/shared/status';
import { CONNECT_MS_MAX, RECEIPT_MS_MAX } from '../../core/limits.js';
import { Link } from '../../core/link.js';
import type { Radio } from '../../core/ports.js';
import { Scope } from '../../core/scope.js';
import { nodeClock } from './node-clock.js';

/**
 * @returns the code of the status, or the outcome in the receipt
 * @throws TapsealError link_lost, timed_out, message_malformed
 */
export async function carryVoucher(radio: Radio, deviceId: string, voucher: Uint8Array): Promise<string> {
  const scope = new Scope(nodeClock);
  const link = await Link.open(radio, deviceId, scope, CONNECT_MS_MAX, () => {});
  try {
    await link.send({ type: 'voucher', body: voucher });
    for (;;) {
      const message = await scope.within(link.receive(), RECEIPT_MS_MAX);
      if (message.type === 'status') return decodeStatus(message.body);
      if (message.type === 'receipt') return decodeReceipt(message.body).receipt.outcome;
    }
  } finally {
    await link.close();
  }
}
