/** Property 3: power cut at every step of the box: never two actuations for one transaction. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';
import type { MemoryDisk } from '../testing/memory-disk.js';

type Tap = { readonly box: BoxBench; readonly voucher: Uint8Array; readonly transaction: string };

/** A fresh box with a hello given, its voucher at hand, and the power to go off before the call `cutBefore` from here on. */
async function readyToTap(seed: number, cutBefore: number | undefined): Promise<Tap> {
  const box = await enrolledBench({ seed });
  box.open(1);
  const transactionId = box.crypto.randomBytes(16);
  const voucher = box.authority.voucher(box.greet(1), { transactionId });
  if (cutBefore !== undefined) box.disk.cutBefore = box.disk.calls + cutBefore;
  return { box, voucher, transaction: bytesToHex(transactionId) };
}

function actuationsOf(tap: Tap): number {
  return tap.box.actuations.filter((order) => order.transactionId === tap.transaction).length;
}

/** Starts the box again on what the crash left, and tries everything that could make it act again. */
function afterwards(tap: Tap, disk: MemoryDisk): void {
  const { box, voucher } = tap;
  const before = box.receipts(1);
  box.boot(disk);
  box.open(2);
  box.write(2, 'voucher', voucher);
  const fresh = box.authority.voucher(box.authority.openHello(helloBody(box, 2)));
  box.write(2, 'voucher', voucher);
  box.write(2, 'voucher', fresh);
  const after = box.receipts(2);
  expect(actuationsOf(tap)).toBeLessThanOrEqual(1);
  // No counter stands for two different receipts: the server would take that for a copied box.
  const byCounter = new Map<number, string>();
  for (const receipt of [...before, ...after]) {
    const text = `${receipt.outcome} ${bytesToHex(receipt.transactionId)} ${bytesToHex(receipt.previousHash)}`;
    expect(byCounter.get(receipt.counter) ?? text).toBe(text);
    byCounter.set(receipt.counter, text);
  }
  // Whatever was given is accounted for.
  const counters = after.map((receipt) => receipt.counter).sort((a, b) => a - b);
  expect(counters.at(-1)).toBe(actuationsOf(tap) === 1 || counters.length > 1 ? 2 : 1);
}

function helloBody(box: BoxBench, link: number): Uint8Array {
  box.take(link);
  box.write(link, 'challenge', Uint8Array.of(1, 1, ...new Uint8Array(16)));
  const [message] = box.take(link);
  if (message?.type !== 'hello') throw new Error('no hello');
  return message.body;
}

test('property 3: in every call of a tap, with unsynced writes surviving in every prefix', async () => {
  const whole = await readyToTap(31, undefined);
  const callsBefore = whole.box.disk.calls;
  whole.box.write(1, 'voucher', whole.voucher);
  const calls = whole.box.disk.calls - callsBefore;
  // used: append, sync; the actuator; receipt: append, sync.
  expect(calls).toBe(5);
  let cuts = 0;
  for (let cut = 0; cut <= calls; cut++) {
    const trial = await readyToTap(31, cut);
    trial.box.write(1, 'voucher', trial.voucher);
    const unsynced = trial.box.disk.unsyncedBytes;
    for (let keepBytes = 0; keepBytes <= unsynced; keepBytes++) {
      for (const renames of [false, true]) {
        const tap = await readyToTap(31, cut);
        tap.box.write(1, 'voucher', tap.voucher);
        afterwards(tap, tap.box.disk.afterCrash({ renames, keepBytes }));
        cuts += 1;
      }
    }
  }
  expect(cuts).toBeGreaterThan(500);
});

test('property 3: also in every call of the start that follows', async () => {
  const trial = await readyToTap(32, 3);
  trial.box.write(1, 'voucher', trial.voucher);
  const interrupted = (): MemoryDisk => trial.box.disk.afterCrash({ renames: true, keepBytes: 0 });
  const complete = interrupted();
  trial.box.boot(complete);
  expect(trial.box.store.state.receiptCounter).toBe(1);
  for (let cut = 0; cut < complete.calls; cut++) {
    const disk = interrupted();
    disk.cutBefore = cut;
    trial.box.boot(disk);
    for (let keepBytes = 0; keepBytes <= disk.unsyncedBytes; keepBytes++) {
      for (const renames of [false, true]) {
        const again = disk.afterCrash({ renames, keepBytes });
        trial.box.boot(again);
        expect(trial.box.store.state.receiptCounter).toBe(1);
        expect(actuationsOf(trial)).toBe(1);
      }
    }
  }
});

test('property 3: a box whose card fails gives nothing, and nothing more until it starts again', async () => {
  const box = await enrolledBench({ seed: 33 });
  box.open(1);
  const first = box.authority.voucher(box.greet(1));
  const second = box.authority.voucher(box.greet(1));
  const persist = box.store.persist.bind(box.store);
  box.store.persist = () => {
    throw new Error('no space left on device');
  };
  box.write(1, 'voucher', first);
  expect(box.statuses(1)).toEqual(['storage_failed']);
  box.store.persist = persist;
  box.write(1, 'voucher', second);
  expect(box.statuses(1)).toEqual(['storage_failed']);
  expect(box.actuations).toEqual([]);
  expect(box.reports).toContainEqual({ event: 'fault', code: 'storage_failed' });
});

test('property 3: a receipt that is not durable is not told, and the next start accounts for its voucher', async () => {
  const box = await enrolledBench({ seed: 34, actuator: 'manual' });
  box.open(1);
  box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
  box.disk.cutBefore = box.disk.calls;
  const { disk } = box;
  box.store.persist = () => {
    throw new Error('input/output error');
  };
  box.finish(box.actuations[0]?.transactionId ?? '', true);
  expect(box.take(1).map(({ type }) => type)).toEqual(['status']);
  box.boot(disk.afterCrash({ renames: true, keepBytes: 0 }));
  expect(box.store.state.receiptCounter).toBe(1);
  expect(box.reports).toContainEqual({
    event: 'interrupted',
    transactionId: box.actuations[0]?.transactionId,
  });
});
