/**
 * The box's chain of receipts (docs/protocol.md §6.7): each names the one before. The head moves on when a receipt is made,
 * not when it is durable, so that two receipts never get the same counter.
 */
import { RECEIPTS_CARRIED_MAX } from '@tapseal/shared/bounds';
import type { Hashing, Signer } from '@tapseal/shared/crypto-port';
import { type ReceiptOutcome, signReceipt } from '@tapseal/shared/receipt';
import type { DurableRecord, DurableState, PendingVoucher } from './durable-state.js';

export class ReceiptChain {
  readonly #hashing: Pick<Hashing, 'sha256'>;
  readonly #signer: Signer;
  readonly #touchpointId: Uint8Array;
  #counter: number;
  #previousHash: Uint8Array;

  constructor(
    crypto: { readonly hashing: Pick<Hashing, 'sha256'>; readonly signer: Signer },
    touchpointId: Uint8Array,
    state: DurableState,
  ) {
    this.#hashing = crypto.hashing;
    this.#signer = crypto.signer;
    this.#touchpointId = touchpointId;
    this.#counter = state.receiptCounter;
    this.#previousHash = state.previousHash;
  }

  next(voucher: PendingVoucher, outcome: ReceiptOutcome): DurableRecord & { readonly kind: 'receipt' } {
    const counter = this.#counter + 1;
    const receipt = signReceipt(
      {
        touchpointId: this.#touchpointId,
        transactionId: voucher.transactionId,
        voucherHash: voucher.voucherHash,
        outcome,
        counter,
        previousHash: this.#previousHash,
      },
      this.#signer,
    );
    const hash = this.#hashing.sha256(receipt);
    this.#counter = counter;
    this.#previousHash = hash;
    return { kind: 'receipt', transactionId: voucher.transactionId, counter, hash, receipt };
  }
}

/** The receipts of other taps that a phone is asked to carry, oldest first. */
export function receiptsToCarry(state: DurableState, ownCounter: number): Uint8Array[] {
  return state.receipts
    .filter((kept) => kept.counter !== ownCounter)
    .slice(0, RECEIPTS_CARRIED_MAX)
    .map((kept) => kept.receipt);
}
