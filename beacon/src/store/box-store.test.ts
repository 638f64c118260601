import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECEIPTS_KEPT_MAX } from '@tapseal/shared/bounds';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { afterEach, describe, expect, test } from 'vitest';
import type { DurableRecord } from '../core/durable-state.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { BoxStore, createStore, readStore } from './box-store.js';
import { NodeDisk } from './node-disk.js';
import { lockState } from './state-lock.js';

function id(n: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

const used = (n: number, receiptsThrough = 0): DurableRecord => ({
  kind: 'used',
  transactionId: id(n),
  voucherHash: new Uint8Array(32).fill(n),
  serverTimeS: 1_000 + n,
  receiptsThrough,
});

const receipt = (n: number): DurableRecord => ({
  kind: 'receipt',
  transactionId: id(n),
  counter: n,
  hash: new Uint8Array(32).fill(n),
  receipt: new Uint8Array(150).fill(n),
});

function newStore(): { disk: MemoryDisk; store: BoxStore } {
  const disk = new MemoryDisk();
  createStore(disk, { manifest: Uint8Array.of(1, 2, 3), advertKey: new Uint8Array(32).fill(9) });
  return { disk, store: new BoxStore(disk) };
}

/** As the state machine does: durable first, then in force. */
function write(store: BoxStore, ...records: DurableRecord[]): void {
  store.persist(records);
  for (const record of records) store.state.apply(record);
}

describe('the store', () => {
  test('has after a start what it had before', () => {
    const { disk, store } = newStore();
    write(
      store,
      { kind: 'epoch', epoch: 7, advertKey: new Uint8Array(32).fill(7) },
      { kind: 'boot', bootCounter: 3 },
    );
    write(store, used(1));
    write(store, receipt(1));
    write(store, used(2));
    write(store, { kind: 'manifest', manifest: Uint8Array.of(4, 5) });
    expect(new BoxStore(disk).state).toEqual(store.state);
    expect(store.state).toMatchObject({ bootCounter: 3, epoch: 7, serverTimeS: 1_002, receiptCounter: 1 });
    expect(store.state.pending.size).toBe(1);
  });

  test('compaction changes nothing but the length, and bounds it', () => {
    const { disk, store } = newStore();
    let longest = 0;
    for (let n = 1; n <= 12_000; n++) {
      // The server has everything but the newest ten.
      write(store, used(n, Math.max(0, n - 11)));
      write(store, receipt(n));
      store.compactIfLong();
      longest = Math.max(longest, disk.read('journal')?.length ?? 0);
    }
    const { state } = new BoxStore(disk);
    expect(state).toEqual(store.state);
    expect(state.used.size).toBe(10_000);
    expect(state.receipts).toHaveLength(11);
    expect(longest).toBeLessThan(600_000);
  });

  test('the journal stays as short where the box is switched off each night', () => {
    const { disk, store } = newStore();
    let box = store;
    let longest = 0;
    for (let n = 1; n <= 4_000; n++) {
      if (n % 200 === 0) box = new BoxStore(disk);
      write(box, used(n, Math.max(0, n - 11)));
      write(box, receipt(n));
      box.compactIfLong();
      longest = Math.max(longest, disk.read('journal')?.length ?? 0);
    }
    expect(longest).toBeLessThan(600_000);
    expect(new BoxStore(disk).state).toEqual(box.state);
  });

  test('keeps the newest receipts when no phone carries them', () => {
    const { store } = newStore();
    for (let n = 1; n <= RECEIPTS_KEPT_MAX + 5; n++) store.state.apply(receipt(n));
    expect(store.state.receipts).toHaveLength(RECEIPTS_KEPT_MAX);
    expect(store.state.receipts[0]?.counter).toBe(6);
  });

  test('cuts off a torn tail, so that the next append is found', () => {
    const { disk, store } = newStore();
    write(store, used(1));
    disk.append('journal', Uint8Array.of(0, 0, 0, 40, 1));
    const again = new BoxStore(disk);
    write(again, used(2));
    expect([...new BoxStore(disk).state.used]).toHaveLength(2);
  });

  test.each(['journal', 'epoch'])('a missing %s is damage, not a new box', (name) => {
    const { disk } = newStore();
    const rest = new MemoryDisk();
    for (const other of disk.names())
      if (other !== name) rest.put(other, disk.read(other) ?? new Uint8Array());
    expect(() => readStore(rest)).toThrow(TapsealError);
  });

  test('every flipped byte of the epoch file is reported', () => {
    const { disk } = newStore();
    const sound = disk.read('epoch') ?? new Uint8Array();
    for (let at = 0; at < sound.length; at++) {
      const damaged = Uint8Array.from(sound);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      disk.put('epoch', damaged);
      expect(() => readStore(disk)).toThrow(TapsealError);
    }
  });

  test('after a failed write nothing more is accepted', () => {
    const { disk, store } = newStore();
    disk.cutBefore = disk.calls + 1;
    expect(() => store.persist([used(1)])).toThrow(new TapsealError('storage_failed', 'power is off'));
    disk.isOff = false;
    disk.cutBefore = undefined;
    expect(() => store.persist([used(2)])).toThrow(TapsealError);
  });
});

describe('on a real disk', () => {
  const made: string[] = [];
  afterEach(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  function directory(): string {
    const path = mkdtempSync(join(tmpdir(), 'tapseal-store-'));
    made.push(path);
    return path;
  }

  test('the same as in memory, in files for their owner alone', () => {
    const path = directory();
    const disk = new NodeDisk(path);
    createStore(disk, { manifest: Uint8Array.of(1), advertKey: new Uint8Array(32) });
    const store = new BoxStore(disk);
    write(
      store,
      { kind: 'epoch', epoch: 1, advertKey: new Uint8Array(32).fill(1) },
      { kind: 'boot', bootCounter: 1 },
    );
    write(store, used(1));
    disk.append('journal', Uint8Array.of(1, 2, 3));
    expect(new BoxStore(new NodeDisk(path)).state).toEqual(store.state);
    expect(readStore(new NodeDisk(path)).tornBytes).toBe(0);
    for (const name of ['journal', 'epoch']) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
    disk.close();
  });

  test('one process at a time', async () => {
    const path = directory();
    const lock = await lockState(path);
    await expect(lockState(path)).rejects.toMatchObject({ code: 'state_in_use' });
    await expect(lockState(directory())).resolves.toBeDefined();
    lock.release();
  });
});
