/**
 * An append-only file of records, each framed as length (4 bytes), CRC-32 (4) and contents. Every append is durable before
 * the next begins, so a power cut can only tear the last one: that tail is cut off. Damage anywhere else is not a power
 * cut's doing and is reported. See docs/decisions/004-beacon-journal.md.
 */
import { crc32 } from 'node:zlib';
import { concatBytes, utf8 } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Disk } from './disk.js';
import { replaceFile } from './disk.js';

const MAGIC = utf8('tsjrnl1\n');
const FRAME_BYTES = 8;

/** Longest contents of one record: the transactions of a compacted journal. */
export const RECORD_BYTES_MAX = 160_000;

export type JournalContents = {
  readonly records: readonly Uint8Array[];
  /** Up to here the file is whole. */
  readonly wholeBytes: number;
  /** What follows: 0, or the torn tail of an append that a power cut interrupted. */
  readonly tornBytes: number;
};

function frame(contents: Uint8Array): Uint8Array {
  if (contents.length === 0 || contents.length > RECORD_BYTES_MAX) throw new RangeError('record length');
  const head = new DataView(new ArrayBuffer(FRAME_BYTES));
  head.setUint32(0, contents.length);
  head.setUint32(4, crc32(contents, contents.length));
  return concatBytes(new Uint8Array(head.buffer), contents);
}

/** The record at an offset, or undefined where there is no whole and sound one. */
function recordAt(file: Uint8Array, offset: number): Uint8Array | undefined {
  if (offset + FRAME_BYTES > file.length) return undefined;
  const head = new DataView(file.buffer, file.byteOffset + offset, FRAME_BYTES);
  const length = head.getUint32(0);
  const start = offset + FRAME_BYTES;
  if (length === 0 || length > RECORD_BYTES_MAX || start + length > file.length) return undefined;
  const contents = file.subarray(start, start + length);
  // The CRC starts from the length, so that a damaged length is found like damaged contents.
  return crc32(contents, length) === head.getUint32(4) ? contents : undefined;
}

/**
 * Reads without changing anything.
 * @param tailBytesMax the longest single append; no torn tail can be longer
 * @throws TapsealError storage_corrupt
 */
export function readJournal(file: Uint8Array, tailBytesMax: number): JournalContents {
  for (let i = 0; i < MAGIC.length; i++) {
    if (file[i] !== MAGIC[i]) throw new TapsealError('storage_corrupt', 'journal: header');
  }
  const records: Uint8Array[] = [];
  let offset = MAGIC.length;
  for (;;) {
    const contents = recordAt(file, offset);
    if (contents === undefined) break;
    records.push(contents);
    offset += FRAME_BYTES + contents.length;
  }
  assertTornTail(file, offset, tailBytesMax);
  return { records, wholeBytes: offset, tornBytes: file.length - offset };
}

/** A sound record behind an unsound one means that the unsound one was not the last append. */
function assertTornTail(file: Uint8Array, from: number, tailBytesMax: number): void {
  if (file.length - from > tailBytesMax) throw new TapsealError('storage_corrupt', `journal: byte ${from}`);
  for (let offset = from + 1; offset < file.length; offset++) {
    if (recordAt(file, offset) !== undefined)
      throw new TapsealError('storage_corrupt', `journal: byte ${from}`);
  }
}

export function appendToJournal(disk: Disk, name: string, records: readonly Uint8Array[]): number {
  const bytes = concatBytes(...records.map(frame));
  disk.append(name, bytes);
  disk.sync(name);
  return bytes.length;
}

/** @returns how long a journal of these records is, in bytes */
export function journalLength(records: readonly Uint8Array[]): number {
  return records.reduce((length, record) => length + FRAME_BYTES + record.length, MAGIC.length);
}

/** Writes a journal of these records in the place of another, if there is one. @returns its length in bytes */
export function replaceJournal(disk: Disk, name: string, records: readonly Uint8Array[]): number {
  const bytes = concatBytes(MAGIC, ...records.map(frame));
  replaceFile(disk, name, bytes);
  return bytes.length;
}
