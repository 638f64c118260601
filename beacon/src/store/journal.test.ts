import { concatBytes } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../testing/memory-disk.js';
import { seededNumbers } from '../testing/seeded-crypto.js';
import { appendToJournal, RECORD_BYTES_MAX, readJournal, replaceJournal } from './journal.js';

const TAIL_MAX = 8_192;

function journalOf(records: readonly Uint8Array[]): Uint8Array {
  const disk = new MemoryDisk();
  replaceJournal(disk, 'journal', records.slice(0, 1));
  for (const record of records.slice(1)) appendToJournal(disk, 'journal', [record]);
  return disk.read('journal') ?? new Uint8Array();
}

const records = [5, 1, 60, 200, 33].map((length, i) => new Uint8Array(length).fill(i + 1));
const file = journalOf(records);
const lastStart = file.length - 33 - 8;

describe('a journal', () => {
  test('reads back what was appended', () => {
    const contents = readJournal(file, TAIL_MAX);
    expect(contents.records.map((record) => Uint8Array.from(record))).toEqual(records);
    expect(contents).toMatchObject({ wholeBytes: file.length, tornBytes: 0 });
  });

  test('cut at every byte: whole records stay, the torn tail is told', () => {
    const whole = [8 + 13];
    for (const record of records.slice(1)) whole.push((whole.at(-1) ?? 0) + 8 + record.length);
    for (let length = 8; length <= file.length; length++) {
      const contents = readJournal(file.subarray(0, length), TAIL_MAX);
      expect(contents.records).toHaveLength(whole.filter((end) => end <= length).length);
      expect(contents.wholeBytes + contents.tornBytes).toBe(length);
    }
  });

  test('a flipped bit anywhere before the last record is reported', () => {
    for (let at = 0; at < lastStart; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Uint8Array.from(file);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(() => readJournal(damaged, TAIL_MAX), `byte ${at} bit ${bit}`).toThrow(TapsealError);
      }
    }
  });

  test('a flipped bit in the last record is a torn append', () => {
    for (let at = lastStart; at < file.length; at++) {
      const damaged = Uint8Array.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(readJournal(damaged, TAIL_MAX).records).toHaveLength(records.length - 1);
    }
  });

  test('a tail of zeros, as a file system may leave it, is torn', () => {
    expect(readJournal(concatBytes(file, new Uint8Array(512)), TAIL_MAX).tornBytes).toBe(512);
  });

  test('a tail longer than any append is damage', () => {
    expect(() => readJournal(concatBytes(file, new Uint8Array(TAIL_MAX + 1)), TAIL_MAX)).toThrow(
      TapsealError,
    );
  });

  test('random tails never crash the reader', () => {
    const next = seededNumbers(7);
    for (let i = 0; i < 300; i++) {
      const tail = Uint8Array.from({ length: Math.floor(next() * 300) }, () => Math.floor(next() * 256));
      const contents = readJournal(concatBytes(file, tail), TAIL_MAX);
      expect(contents.records).toHaveLength(records.length);
    }
  });

  test('a record beyond the bound is not written', () => {
    const disk = new MemoryDisk();
    replaceJournal(disk, 'journal', []);
    expect(() => appendToJournal(disk, 'journal', [new Uint8Array(RECORD_BYTES_MAX + 1)])).toThrow(
      RangeError,
    );
  });
});
