/**
 * Takes receipts in (docs/protocol.md §7.4), whichever phone carries them: signed by the box of the voucher, for that very
 * voucher, and fitting the box's chain. One verdict for each; a bad one does not hold the others up.
 */
import { equalBytes } from '@tapseal/shared/bytes';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { decodeReceipt, verifyReceipt } from '@tapseal/shared/receipt';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { signGrant } from '../redeem/sign-decision.js';
import type { ServerContext } from '../server-context.js';
import type { ReceiptRecord } from '../store/records.js';

export type ReceiptResult =
  | { readonly stored: true; readonly isNew: boolean }
  | { readonly stored: false; readonly code: ErrorCode; readonly boxId?: Uint8Array };

type Context = Pick<ServerContext, 'store' | 'authority' | 'crypto' | 'now'>;

/** @throws TapsealError touchpoint_unknown, touchpoint_certificate_invalid, receipt_signature_invalid, receipt_unknown, … */
async function checkReceipt(
  { store, authority, crypto }: Context,
  programme: string,
  bytes: Uint8Array,
): Promise<ReceiptRecord> {
  const { message, receipt } = decodeReceipt(bytes);
  const box = await store.findBox(programme, receipt.touchpointId);
  if (box === undefined) throw new TapsealError('touchpoint_unknown');
  // A box that has been revoked since still tells what it did before: its certificate counts from when it was enrolled.
  const subject = { unit: 'touchpoint', programme, id: box.id } as const;
  const key = authority.certificates.verify(box.certificate, subject, box.enrolledAtMs);
  if (key === undefined) throw new TapsealError('touchpoint_certificate_invalid');
  verifyReceipt(crypto, message, key);

  const decision = (await store.findDecision(programme, receipt.transactionId))?.decision;
  const isOfVoucher =
    decision?.granted === true &&
    equalBytes(decision.boxId, box.id) &&
    equalBytes(crypto.sha256(signGrant(authority, decision)), receipt.voucherHash);
  if (!isOfVoucher) throw new TapsealError('receipt_unknown');
  const { counter, transactionId, outcome, previousHash } = receipt;
  return { boxId: box.id, counter, transactionId, outcome, bytes, hash: crypto.sha256(bytes), previousHash };
}

/**
 * @param receipts signed receipts, as the box made them
 * @throws TapsealError server_busy
 */
export async function acceptReceipts(
  context: Context,
  programme: string,
  receipts: readonly Uint8Array[],
): Promise<ReceiptResult[]> {
  const checked: (ReceiptRecord | TapsealError)[] = [];
  for (const bytes of receipts) {
    try {
      checked.push(await checkReceipt(context, programme, bytes));
    } catch (error) {
      // A store that is too busy says nothing of the receipt: the phone has to keep it, and send it again.
      if (!isTapsealError(error) || error.code === 'server_busy') throw error;
      checked.push(error);
    }
  }
  const records = checked.filter((entry): entry is ReceiptRecord => !isTapsealError(entry));
  const verdicts =
    records.length === 0 ? [] : await context.store.addReceipts(programme, records, context.now());
  return checked.map((entry) => {
    if (isTapsealError(entry)) return { stored: false, code: entry.code };
    const verdict = verdicts[records.indexOf(entry)];
    return verdict === 'conflict'
      ? { stored: false, code: 'receipt_conflict', boxId: entry.boxId }
      : { stored: true, isNew: verdict === 'stored' };
  });
}
