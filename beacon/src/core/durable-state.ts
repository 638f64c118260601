/**
 * What the box must remember over a power cut, and the records by which it changes (docs/protocol.md §7.2). The same fold
 * serves the running box and the replay of its journal, so that both always agree.
 */
import { HASH_BYTES, RECEIPTS_KEPT_MAX } from '@tapseal/shared/bounds';
import { bytesToHex } from '@tapseal/shared/bytes';
import { USED_TRANSACTIONS_MAX } from './link-bounds.js';

export type DurableRecord =
  | { readonly kind: 'boot'; readonly bootCounter: number }
  /** A voucher was accepted. Its transaction is used from here on, whatever happens next. */
  | {
      readonly kind: 'used';
      readonly transactionId: Uint8Array;
      readonly voucherHash: Uint8Array;
      readonly serverTimeS: number;
      readonly receiptsThrough: number;
    }
  | {
      readonly kind: 'receipt';
      readonly transactionId: Uint8Array;
      readonly counter: number;
      /** SHA-256 of `receipt`: the next receipt names it. */
      readonly hash: Uint8Array;
      /** Signed, as the phone carries it. */
      readonly receipt: Uint8Array;
    }
  | { readonly kind: 'manifest'; readonly manifest: Uint8Array }
  /** Kept apart from the others: the key before it must not be found on the box again (property 19). */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly advertKey: Uint8Array };

export type KeptReceipt = { readonly counter: number; readonly receipt: Uint8Array };

/** An accepted voucher whose receipt is not written yet. */
export type PendingVoucher = { readonly transactionId: Uint8Array; readonly voucherHash: Uint8Array };

export class DurableState {
  bootCounter = 0;
  serverTimeS = 0;
  /** Of the newest receipt; 0 before the first. */
  receiptCounter = 0;
  previousHash: Uint8Array = new Uint8Array(HASH_BYTES);
  manifest: Uint8Array = new Uint8Array();
  epoch = 0;
  advertKey: Uint8Array = new Uint8Array();
  /** Transaction ids in hexadecimal, oldest first. */
  readonly used = new Set<string>();
  readonly pending = new Map<string, PendingVoucher>();
  /** Not acknowledged by the server, oldest first. */
  readonly receipts: KeptReceipt[] = [];

  apply(record: DurableRecord): void {
    switch (record.kind) {
      case 'boot':
        this.bootCounter = record.bootCounter;
        return;
      case 'used':
        this.remember(bytesToHex(record.transactionId));
        this.pending.set(bytesToHex(record.transactionId), {
          transactionId: record.transactionId,
          voucherHash: record.voucherHash,
        });
        // Forwards only: an older server time never sets it back.
        this.serverTimeS = Math.max(this.serverTimeS, record.serverTimeS);
        this.#forgetReceipts(record.receiptsThrough);
        return;
      case 'receipt':
        this.pending.delete(bytesToHex(record.transactionId));
        this.receiptCounter = record.counter;
        this.previousHash = record.hash;
        this.keepReceipt({ counter: record.counter, receipt: record.receipt });
        return;
      case 'manifest':
        this.manifest = record.manifest;
        return;
      case 'epoch':
        this.epoch = record.epoch;
        this.advertKey = record.advertKey;
        return;
    }
  }

  remember(transactionIdHex: string): void {
    this.used.add(transactionIdHex);
    if (this.used.size <= USED_TRANSACTIONS_MAX) return;
    const [oldest] = this.used;
    if (oldest !== undefined) this.used.delete(oldest);
  }

  keepReceipt(kept: KeptReceipt): void {
    this.receipts.push(kept);
    // A full box goes on serving; the server sees the gap in the chain.
    if (this.receipts.length > RECEIPTS_KEPT_MAX) this.receipts.shift();
  }

  #forgetReceipts(through: number): void {
    const firstKept = this.receipts.findIndex((kept) => kept.counter > through);
    this.receipts.splice(0, firstKept < 0 ? this.receipts.length : firstKept);
  }
}
