/** A box of a simulated world: the chain of its receipts, and what the server must know of it. */
import { createHash } from 'node:crypto';
import { bytesToHex } from '@tapseal/shared/bytes';
import { FIRST_PREVIOUS_HASH, type ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Labels } from '../decision/labels.js';
import type { ReceiptRecord } from '../store/records.js';
import type { ReceiptVerdict } from '../store/store-port.js';

export class SimulatedBox {
  readonly name: string;
  /** 8 bytes. */
  readonly id: Uint8Array;
  labels: Labels;
  timeZone: string | undefined;
  /** Made and not yet delivered, or to be delivered again. */
  readonly toDeliver: ReceiptRecord[] = [];
  #counter = 0;
  #previousHash: Uint8Array = FIRST_PREVIOUS_HASH;
  /** On record: transaction by counter. */
  readonly #stored = new Map<number, string>();

  constructor(name: string, id: Uint8Array, labels: Labels, timeZone: string | undefined) {
    this.name = name;
    this.id = id;
    this.labels = labels;
    this.timeZone = timeZone;
  }

  makeReceipt(transactionId: Uint8Array, outcome: ReceiptOutcome): void {
    this.#counter += 1;
    const bytes = new TextEncoder().encode(
      `${this.name} ${this.#counter} ${bytesToHex(transactionId)} ${outcome}`,
    );
    const hash = Uint8Array.from(createHash('sha256').update(bytes).digest());
    const counter = this.#counter;
    const previousHash = this.#previousHash;
    this.toDeliver.push({ boxId: this.id, counter, transactionId, outcome, bytes, hash, previousHash });
    this.#previousHash = hash;
  }

  /** What the server has to answer to this receipt, with all those before it. */
  verdictOf(receipt: ReceiptRecord): ReceiptVerdict {
    const transaction = bytesToHex(receipt.transactionId);
    if (this.#stored.get(receipt.counter) === transaction) return 'known';
    return [...this.#stored.values()].includes(transaction) ? 'conflict' : 'stored';
  }

  noteStored(receipt: ReceiptRecord): void {
    this.#stored.set(receipt.counter, bytesToHex(receipt.transactionId));
  }

  hasReceiptOf(transaction: string): boolean {
    return [...this.#stored.values()].includes(transaction);
  }

  /** Up to where none is missing. */
  get receiptsThrough(): number {
    let counter = 0;
    while (this.#stored.has(counter + 1)) counter += 1;
    return counter;
  }
}
