import { expect, test } from 'vitest';
import { JobMemory, MESSAGE_BYTES_MAX, SLOTS } from './job-memory.js';
import { JobRing } from './job-ring.js';
import type { SignatureJob, SignatureResult } from './signature-work.js';

const job = (byte: number): SignatureJob => ({ kind: 'sign', message: Uint8Array.of(byte) });
const verifyJob: SignatureJob = {
  kind: 'verify',
  key: { algorithm: 'P-256', bytes: new Uint8Array(65).fill(1) },
  message: new Uint8Array(MESSAGE_BYTES_MAX).fill(2),
  signature: new Uint8Array(64).fill(3),
};

/** The main thread's work answers `main` and the byte of the job; what a thread answers is up to the test. */
function setUp() {
  const memory = new JobMemory();
  const first = memory.askedCount & (SLOTS - 1);
  const run = ({ message }: SignatureJob): SignatureResult => Uint8Array.of(99, message[0] ?? 0);
  const slotAt = (index: number): number => (first + index) & (SLOTS - 1);
  return { ring: new JobRing(memory, { run }), thread: new JobMemory(memory.buffer), slotAt };
}

/** What has been settled, in the order of settling. */
function noted(answers: readonly Promise<SignatureResult>[]): [number, SignatureResult][] {
  const settled: [number, SignatureResult][] = [];
  for (const [index, answer] of answers.entries()) answer.then((result) => settled.push([index, result]));
  return settled;
}
const settling = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a thread reads what was asked, byte for byte', () => {
  const { ring, thread, slotAt } = setUp();
  const jobs: SignatureJob[] = [verifyJob, job(1), { kind: 'open', message: new Uint8Array() }];
  for (const asked of jobs) ring.ask(asked);
  for (const [index, asked] of jobs.entries()) expect(thread.jobAt(slotAt(index))).toEqual(asked);
});

test('results of every kind come back to who asked, in whatever order they are done', async () => {
  const { ring, thread, slotAt } = setUp();
  const results = [true, false, undefined, new Uint8Array(), new Uint8Array(64).fill(5)];
  const asked = [verifyJob, verifyJob, job(2), job(3), job(4)];
  const settled = noted(asked.map((each) => ring.ask(each)));
  for (const index of [3, 0, 4, 2, 1]) {
    expect(thread.take(slotAt(index), 0)).toBe(true);
    thread.publish(slotAt(index), results[index]);
    expect(ring.collect()).toBe(true);
  }
  expect(ring.collect()).toBe(false);
  await settling();
  expect(settled).toEqual([3, 0, 4, 2, 1].map((index) => [index, results[index]]));
  expect(ring.isEmpty).toBe(true);
});

test('a result stays as it was when its slot is used again', async () => {
  const { ring, thread, slotAt } = setUp();
  const answers: Promise<SignatureResult>[] = [];
  for (let index = 0; index < 2 * SLOTS; index++) {
    answers.push(ring.ask(job(index)));
    thread.take(slotAt(index), 0);
    thread.publish(slotAt(index), Uint8Array.of(index));
    ring.collect();
  }
  expect(await Promise.all(answers)).toEqual(answers.map((_, index) => Uint8Array.of(index)));
});

test('a job is done by whoever takes it first, and by nobody else', async () => {
  const { ring, thread, slotAt } = setUp();
  const settled = noted([ring.ask(job(0)), ring.ask(job(1)), ring.ask(job(2))]);
  expect(ring.untakenCount).toBe(3);
  expect(thread.take(slotAt(0), 0)).toBe(true);
  expect(thread.take(slotAt(0), 1)).toBe(false);
  expect(ring.untakenCount).toBe(2);
  expect([ring.doOne(), ring.doOne(), ring.doOne()]).toEqual([true, true, false]);
  expect([0, 1, 2].map((index) => thread.take(slotAt(index), 1))).toEqual([false, false, false]);
  await settling();
  expect(settled).toEqual([
    [1, Uint8Array.of(99, 1)],
    [2, Uint8Array.of(99, 2)],
  ]);
  expect(ring.isEmpty).toBe(false);
});

test('a job that a thread takes in the last moment is not done by the main thread too', async () => {
  class LateMemory extends JobMemory {
    override takeBack(slot: number): boolean {
      if (slot === first) this.take(slot, 0);
      return super.takeBack(slot);
    }
  }
  const memory = new LateMemory();
  const first = memory.askedCount & (SLOTS - 1);
  const ring = new JobRing(memory, { run: ({ message }) => message[0] === 1 });
  const settled = noted([ring.ask(job(0)), ring.ask(job(1))]);
  expect([ring.doOne(), ring.doOne()]).toEqual([true, false]);
  await settling();
  expect(settled).toEqual([[1, true]]);
});

test('a slot is not used again before its result is collected', () => {
  const { ring, thread, slotAt } = setUp();
  for (let index = 0; index < SLOTS; index++) ring.ask(job(index));
  expect(ring.isFull).toBe(true);
  // The newest is done, the oldest is still with a thread: there is room only where the oldest was.
  thread.take(slotAt(0), 0);
  while (ring.doOne());
  expect(ring.isFull).toBe(true);
  thread.publish(slotAt(0), true);
  expect(ring.isFull).toBe(true);
  ring.collect();
  expect([ring.isFull, ring.isEmpty]).toEqual([false, true]);
});

test('what a dead thread had taken is done by the main thread; its results count, and the jobs of others are left', async () => {
  const { ring, thread, slotAt } = setUp();
  const settled = noted([0, 1, 2, 3].map((index) => ring.ask(job(index))));
  for (const [index, number] of [0, 1, 1].entries()) thread.take(slotAt(index), number);
  thread.publish(slotAt(1), Uint8Array.of(7));
  ring.inherit(1);
  await settling();
  expect(settled).toEqual([
    [1, Uint8Array.of(7)],
    [2, Uint8Array.of(99, 2)],
  ]);
  expect(ring.untakenCount).toBe(1);
});

test('an error of the work is for who asked, and for nobody else', async () => {
  const memory = new JobMemory();
  const ring = new JobRing(memory, {
    run: ({ message }) => {
      if (message[0] === 0) throw new Error('broken');
      return message[0] === 1;
    },
  });
  const answers = Promise.allSettled([ring.ask(job(0)), ring.ask(job(1))]);
  while (ring.doOne());
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('a call is made once for each time that it is wanted', () => {
  const { ring, thread, slotAt } = setUp();
  for (let index = 0; index < 4; index++) {
    ring.ask(job(index));
    thread.take(slotAt(index), 0);
  }
  expect(thread.publish(slotAt(0), true)).toBe(false);
  thread.wantCall();
  expect([thread.publish(slotAt(1), true), thread.publish(slotAt(2), true)]).toEqual([true, false]);
  thread.wantCall();
  expect(thread.publish(slotAt(3), true)).toBe(true);
});
