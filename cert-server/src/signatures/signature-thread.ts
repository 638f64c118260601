/** A thread that takes jobs one by one, sleeps where there are none, and runs until it is terminated. */
import { parentPort, workerData } from 'node:worker_threads';
import { JobMemory, SLOTS } from './job-memory.js';
import { createSignatureWork, type SignatureKeys } from './signature-work.js';

export type SignatureThreadData = {
  readonly keys: SignatureKeys;
  readonly memory: SharedArrayBuffer;
  /** From 0 to SIGNATURE_THREADS_MAX − 1. */
  readonly thread: number;
};

const { keys, memory: buffer, thread } = workerData as SignatureThreadData;
const work = createSignatureWork(keys);
// The copy that came here: what signs has its own by now.
keys.voucherKey.fill(0);
const memory = new JobMemory(buffer);

let next = memory.askedCount;
memory.start();
for (;;) {
  const asked = memory.askedCount;
  if (next === asked) {
    memory.sleep(thread, next);
    continue;
  }
  // While this one slept, others did all that is older than the ring is long.
  if (((asked - next) | 0) > SLOTS) next = (asked - SLOTS) | 0;
  const slot = next & (SLOTS - 1);
  next = (next + 1) | 0;
  if (!memory.take(slot, thread)) continue;
  const isCallWanted = memory.publish(slot, work.run(memory.jobAt(slot)));
  if (isCallWanted) parentPort?.postMessage(undefined);
}
