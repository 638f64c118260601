/**
 * The chain of receipts of each box. Counters may arrive in any order; two different receipts for one counter or one voucher,
 * or a link that does not fit its neighbour, mean that two boxes hold one key (property 20). Reads no database.
 */
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { FIRST_PREVIOUS_HASH } from '@tapseal/shared/receipt';
import type { ReceiptRecord } from '../records.js';
import type { ReceiptVerdict } from '../store-port.js';

export type ReceiptLink = Pick<ReceiptRecord, 'boxId' | 'counter' | 'hash' | 'previousHash'>;

export class ReceiptChain {
  readonly #links: Map<string, ReceiptLink>;
  readonly #transactions: Set<string>;

  /** @param links on record, the neighbours of all that will be added among them @param transactions with a receipt */
  constructor(links: readonly ReceiptLink[], transactions: readonly Uint8Array[]) {
    this.#links = new Map(links.map((link) => [placeOf(link.boxId, link.counter), link]));
    this.#transactions = new Set(transactions.map(bytesToHex));
  }

  add(receipt: ReceiptRecord): ReceiptVerdict {
    const { boxId, counter, hash, transactionId } = receipt;
    const present = this.#links.get(placeOf(boxId, counter));
    if (present !== undefined) return equalBytes(present.hash, hash) ? 'known' : 'conflict';
    if (!this.#fits(receipt)) return 'conflict';
    this.#links.set(placeOf(boxId, counter), receipt);
    this.#transactions.add(bytesToHex(transactionId));
    return 'stored';
  }

  #fits({ boxId, counter, hash, previousHash, transactionId }: ReceiptRecord): boolean {
    if (counter === 0) return false;
    const before = counter === 1 ? FIRST_PREVIOUS_HASH : this.#links.get(placeOf(boxId, counter - 1))?.hash;
    const after = this.#links.get(placeOf(boxId, counter + 1));
    return (
      (before === undefined || equalBytes(before, previousHash)) &&
      (after === undefined || equalBytes(after.previousHash, hash)) &&
      !this.#transactions.has(bytesToHex(transactionId))
    );
  }
}

function placeOf(box: Uint8Array, counter: number): string {
  return `${bytesToHex(box)} ${counter}`;
}
