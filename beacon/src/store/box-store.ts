/** The box's durable state on a disk: a journal, and the file of the epoch. */
import { MANIFEST_BYTES_MAX, RECEIPT_BYTES_MAX } from '@tapseal/shared/bounds';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type DurableRecord, DurableState } from '../core/durable-state.js';
import type { Disk } from './disk.js';
import { replaceFile } from './disk.js';
import { decodeEpochFile, encodeEpochFile } from './epoch-file.js';
import { appendToJournal, journalLength, readJournal, replaceJournal } from './journal.js';
import { applyEncodedRecord, encodeRecord, encodeState } from './record-codec.js';

const JOURNAL = 'journal';
const EPOCH = 'epoch';

/** Receipts that a start can write in one append: one voucher at a time is in work, so this leaves ample room. */
const RECEIPTS_AT_START_MAX = 16;
const APPEND_BYTES_MAX = MANIFEST_BYTES_MAX + RECEIPTS_AT_START_MAX * (RECEIPT_BYTES_MAX + 64);

/** A journal is compacted when it is this long and twice as long as after the last compaction. */
const COMPACT_BYTES_MIN = 256 * 1024;

export type StoreHealth = { readonly journalBytes: number; readonly tornBytes: number };

export type StoredState = StoreHealth & { readonly state: DurableState };

/** Reads without changing anything, so that `status` may look while the box runs. @throws TapsealError storage_corrupt */
export function readStore(disk: Pick<Disk, 'read'>): StoredState {
  const epochFile = disk.read(EPOCH);
  const file = disk.read(JOURNAL);
  if (epochFile === undefined || file === undefined)
    throw new TapsealError('storage_corrupt', epochFile === undefined ? 'no epoch file' : 'no journal');
  const state = new DurableState();
  state.apply({ kind: 'epoch', ...decodeEpochFile(epochFile) });
  const contents = readJournal(file, APPEND_BYTES_MAX);
  for (const record of contents.records) applyEncodedRecord(state, record);
  if (state.manifest.length === 0) throw new TapsealError('storage_corrupt', 'journal: no manifest');
  return { state, journalBytes: contents.wholeBytes, tornBytes: contents.tornBytes };
}

/** The state of a box that has just been enrolled. */
export function createStore(
  disk: Disk,
  first: { readonly manifest: Uint8Array; readonly advertKey: Uint8Array },
): void {
  const state = new DurableState();
  state.apply({ kind: 'manifest', manifest: first.manifest });
  replaceFile(disk, EPOCH, encodeEpochFile(0, first.advertKey));
  replaceJournal(disk, JOURNAL, encodeState(state));
}

export class BoxStore {
  readonly state: DurableState;
  readonly #disk: Disk;
  #journalBytes: number;
  /** Length after the last compaction; after a start not known before it is asked for. */
  #compactedBytes: number | undefined;
  #isBroken = false;

  /** Reads the state and cuts off a torn tail. @throws TapsealError storage_corrupt */
  constructor(disk: Disk) {
    const stored = readStore(disk);
    this.state = stored.state;
    this.#disk = disk;
    this.#journalBytes = stored.journalBytes;
    if (stored.tornBytes > 0) {
      disk.truncate(JOURNAL, stored.journalBytes);
      disk.sync(JOURNAL);
    }
  }

  /**
   * Durable when it returns. After a failure every further call fails too: what an interrupted write left behind is only
   * known after reading it again.
   * @throws TapsealError storage_failed
   */
  persist(records: readonly DurableRecord[]): void {
    if (this.#isBroken) throw new TapsealError('storage_failed', 'an earlier write failed');
    try {
      const encoded: Uint8Array[] = [];
      for (const record of records) {
        if (record.kind === 'epoch')
          replaceFile(this.#disk, EPOCH, encodeEpochFile(record.epoch, record.advertKey));
        else encoded.push(encodeRecord(record));
      }
      if (encoded.length > 0) this.#journalBytes += appendToJournal(this.#disk, JOURNAL, encoded);
    } catch (cause) {
      this.#isBroken = true;
      throw new TapsealError('storage_failed', cause instanceof Error ? cause.message : undefined, { cause });
    }
  }

  /** To be called when nobody waits. @throws TapsealError storage_failed */
  compactIfLong(): void {
    if (this.#isBroken || this.#journalBytes < COMPACT_BYTES_MIN) return;
    // Not the length found at the start: a box that is switched off each night would never reach twice as much.
    this.#compactedBytes ??= journalLength(encodeState(this.state));
    if (this.#journalBytes < 2 * this.#compactedBytes) return;
    try {
      this.#journalBytes = replaceJournal(this.#disk, JOURNAL, encodeState(this.state));
      this.#compactedBytes = this.#journalBytes;
    } catch (cause) {
      this.#isBroken = true;
      throw new TapsealError('storage_failed', 'compaction', { cause });
    }
  }
}
