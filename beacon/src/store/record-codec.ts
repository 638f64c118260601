/**
 * The contents of journal records: one byte of kind, then fields of fixed length, big-endian. Not CBOR: a Pi Zero reads a
 * full journal before its first advert, and fixed fields cost nothing.
 */
import { HASH_BYTES, TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToHex, concatBytes, hexToBytes } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { DurableRecord, DurableState } from '../core/durable-state.js';

const BOOT = 1;
const USED = 2;
const RECEIPT = 3;
const MANIFEST = 4;
/** Written by compaction: counters, the chain's head, and every transaction, oldest first. */
const COUNTERS = 5;
const TRANSACTIONS = 6;
const PENDING = 7;
const KEPT_RECEIPT = 8;

function uint32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}

/** Takes fields off the front; what is missing or left over is damage that the CRC did not see. */
class Fields {
  readonly #bytes: Uint8Array;
  #at = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new TapsealError('storage_corrupt', 'journal: short record');
    const field = Uint8Array.from(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return field;
  }

  uint32(): number {
    const field = this.bytes(4);
    return new DataView(field.buffer).getUint32(0);
  }

  /** A view, not a copy: thousands of receipts in buffers of their own cost more than the journal that holds them. */
  rest(): Uint8Array {
    const { buffer, byteOffset, length } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#at, length - this.#at);
  }
}

type JournalRecord = Exclude<DurableRecord, { readonly kind: 'epoch' }>;

export function encodeRecord(record: JournalRecord): Uint8Array {
  switch (record.kind) {
    case 'boot':
      return concatBytes(Uint8Array.of(BOOT), uint32(record.bootCounter));
    case 'used':
      return concatBytes(
        Uint8Array.of(USED),
        record.transactionId,
        record.voucherHash,
        uint32(record.serverTimeS),
        uint32(record.receiptsThrough),
      );
    case 'receipt':
      return concatBytes(
        Uint8Array.of(RECEIPT),
        record.transactionId,
        uint32(record.counter),
        record.hash,
        record.receipt,
      );
    case 'manifest':
      return concatBytes(Uint8Array.of(MANIFEST), record.manifest);
  }
}

/** Replays one record. @throws TapsealError storage_corrupt for a record that this version does not know */
export function applyEncodedRecord(state: DurableState, contents: Uint8Array): void {
  const fields = new Fields(contents);
  switch (contents[0]) {
    case BOOT:
      state.apply({ kind: 'boot', bootCounter: fields.uint32() });
      return;
    case USED:
      state.apply({
        kind: 'used',
        transactionId: fields.bytes(TRANSACTION_ID_BYTES),
        voucherHash: fields.bytes(HASH_BYTES),
        serverTimeS: fields.uint32(),
        receiptsThrough: fields.uint32(),
      });
      return;
    case RECEIPT:
      state.apply({
        kind: 'receipt',
        transactionId: fields.bytes(TRANSACTION_ID_BYTES),
        counter: fields.uint32(),
        hash: fields.bytes(HASH_BYTES),
        receipt: fields.rest(),
      });
      return;
    case MANIFEST:
      state.apply({ kind: 'manifest', manifest: fields.rest() });
      return;
    case COUNTERS:
      state.bootCounter = fields.uint32();
      state.serverTimeS = fields.uint32();
      state.receiptCounter = fields.uint32();
      state.previousHash = fields.bytes(HASH_BYTES);
      return;
    case TRANSACTIONS: {
      const ids = fields.rest();
      const hex = Buffer.from(ids.buffer, ids.byteOffset, ids.length).toString('hex');
      const HEX_CHARS = TRANSACTION_ID_BYTES * 2;
      for (let at = 0; at < hex.length; at += HEX_CHARS) state.remember(hex.slice(at, at + HEX_CHARS));
      return;
    }
    case PENDING: {
      const transactionId = fields.bytes(TRANSACTION_ID_BYTES);
      state.pending.set(bytesToHex(transactionId), { transactionId, voucherHash: fields.bytes(HASH_BYTES) });
      return;
    }
    case KEPT_RECEIPT:
      state.keepReceipt({ counter: fields.uint32(), receipt: fields.rest() });
      return;
    default:
      throw new TapsealError('storage_corrupt', `journal: record of kind ${contents[0]}`);
  }
}

/** The records from which a journal of this state starts. */
export function encodeState(state: DurableState): Uint8Array[] {
  const ids = [...state.used].map((hex) => hexToBytes(hex, TRANSACTION_ID_BYTES) ?? new Uint8Array());
  const records = [
    concatBytes(
      Uint8Array.of(COUNTERS),
      uint32(state.bootCounter),
      uint32(state.serverTimeS),
      uint32(state.receiptCounter),
      state.previousHash,
    ),
    concatBytes(Uint8Array.of(MANIFEST), state.manifest),
  ];
  // One below the bound of a record, together with its byte of kind.
  const BATCH = 9_999;
  for (let at = 0; at < ids.length; at += BATCH)
    records.push(concatBytes(Uint8Array.of(TRANSACTIONS), ...ids.slice(at, at + BATCH)));
  for (const { transactionId, voucherHash } of state.pending.values())
    records.push(concatBytes(Uint8Array.of(PENDING), transactionId, voucherHash));
  for (const { counter, receipt } of state.receipts)
    records.push(concatBytes(Uint8Array.of(KEPT_RECEIPT), uint32(counter), receipt));
  return records;
}
