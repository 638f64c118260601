/** With threads of the built file, as everywhere: what they answer must be what the library answers. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { PublicKey } from '@tapseal/shared/crypto-port';
import { afterEach, describe, expect, test } from 'vitest';
import { Chance } from '../simulation/chance.js';
import { MESSAGE_BYTES_MAX } from './job-memory.js';
import { SignatureThreads } from './signature-threads.js';
import type { SignatureJob, SignatureResult } from './signature-work.js';

const builtFile = new URL('../../dist/signatures/signature-threads.js', import.meta.url).href;
const seed = Number(process.env.TAPSEAL_SIGNATURE_SEED ?? 20_261_122);
const crypto = createNativeCrypto();
const voucherKey = new Uint8Array(32).fill(1);
const sealKey = crypto.boxKeyPair(new Uint8Array(32).fill(2));
const strangerKey = crypto.boxKeyPair(new Uint8Array(32).fill(3));
const signers = [
  crypto.signer('Ed25519', new Uint8Array(32).fill(4)),
  crypto.signer('Ed25519', new Uint8Array(32).fill(5)),
  crypto.signer('P-256', new Uint8Array(32).fill(6)),
  crypto.signer('P-256', new Uint8Array(32).fill(7)),
];
const voucherSigner = crypto.signer('Ed25519', voucherKey);
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const deaths: unknown[] = [];
const opened: SignatureThreads[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((threads) => threads.close()));
  deaths.length = 0;
});

/** As many threads, and the workers behind them once they are announced, which is in a turn of its own. */
async function start(count: number): Promise<{ threads: SignatureThreads; workers: Worker[] }> {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => {
    workers.push(worker);
  };
  process.on('worker', note);
  const threads = new SignatureThreads({
    threads: count,
    voucherKey,
    sealKey,
    onDeath: (cause) => deaths.push(cause),
  });
  opened.push(threads);
  while (workers.length < count) await new Promise((resolve) => setImmediate(resolve));
  process.off('worker', note);
  return { threads, workers };
}

/** From here on jobs are answered by a promise: somebody beside the main thread may take them. */
async function untilAtWork(threads: SignatureThreads): Promise<void> {
  while (!(threads.sign(new Uint8Array(1)) instanceof Promise)) {
    expect(deaths).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function highS(signature: Uint8Array): Uint8Array {
  const s = p256Order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
}

function altered(chance: Chance, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = chance.whole(0, Math.max(0, out.length - 1));
  if (out.length > 0) out[at] = (out[at] as number) ^ (1 << chance.whole(0, 7));
  return out;
}

function drawVerification(chance: Chance, message: Uint8Array): SignatureJob {
  const signer = chance.pick(signers);
  const job = { kind: 'verify', key: signer.publicKey, message, signature: signer.sign(message) } as const;
  const wrongKey = (bytes: Uint8Array): PublicKey => ({ algorithm: job.key.algorithm, bytes });
  return chance.pick<() => SignatureJob>([
    () => job,
    () => job,
    () => job,
    () => ({ ...job, signature: altered(chance, job.signature) }),
    () => ({ ...job, message: altered(chance, Uint8Array.of(...message, 1)) }),
    () => ({ ...job, key: chance.pick(signers).publicKey }),
    () => ({ ...job, key: wrongKey(altered(chance, job.key.bytes)) }),
    () => ({ ...job, key: wrongKey(new Uint8Array(job.key.bytes.length)) }),
    () => ({ ...job, key: wrongKey(chance.bytes(chance.pick([0, 31, 32, 33, 64, 65, 66]))) }),
    () => ({ ...job, signature: chance.bytes(chance.pick([0, 63, 64, 65, 2_000])) }),
    () => ({ ...job, signature: highS(job.signature) }),
  ])();
}

function drawJob(chance: Chance): SignatureJob {
  const edges = [0, 1, MESSAGE_BYTES_MAX - 48, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX + 1, 3_000];
  const message = chance.bytes(chance.often(0.3) ? chance.pick(edges) : chance.whole(0, 700));
  if (chance.often(0.5)) return drawVerification(chance, message);
  if (chance.often(0.5)) return { kind: 'sign', message };
  const sealed = crypto.seal(chance.often(0.8) ? sealKey.publicKey : strangerKey.publicKey, message);
  return chance.pick<SignatureJob>([
    { kind: 'open', message: sealed },
    { kind: 'open', message: sealed },
    { kind: 'open', message: altered(chance, sealed) },
    { kind: 'open', message: sealed.subarray(0, chance.whole(0, 60)) },
  ]);
}

function expected(job: SignatureJob): SignatureResult {
  if (job.kind === 'verify') return crypto.verify(job.key, job.message, job.signature);
  return job.kind === 'sign' ? voucherSigner.sign(job.message) : crypto.open(sealKey, job.message);
}

function ask(threads: SignatureThreads, job: SignatureJob): SignatureResult | Promise<SignatureResult> {
  if (job.kind === 'verify') return threads.verify(job.key, job.message, job.signature);
  return job.kind === 'sign' ? threads.sign(job.message) : threads.open(job.message);
}

function drawJobs(salt: number, count: number): SignatureJob[] {
  const chance = new Chance(seed + salt);
  return Array.from({ length: count }, () => drawJob(chance));
}

async function expectAnswers(
  jobs: readonly SignatureJob[],
  answers: readonly (SignatureResult | Promise<SignatureResult>)[],
): Promise<void> {
  const results = await Promise.all(answers);
  const wrong = jobs.flatMap((job, index) => {
    const [is, should] = [results[index], expected(job)];
    const isSame =
      is instanceof Uint8Array && should instanceof Uint8Array
        ? Buffer.compare(is, should) === 0
        : is === should;
    return isSame ? [] : [{ index, job, is, should }];
  });
  expect(wrong, `seed ${seed} (TAPSEAL_SIGNATURE_SEED)`).toEqual([]);
}

describe.each([1, 2])('with %i beside the main thread', (count) => {
  test('answers are those of the library, whatever is asked and however many at once', async () => {
    const { threads } = await start(count);
    await untilAtWork(threads);
    const jobs = drawJobs(count, 4_000);
    const chance = new Chance(seed);
    const answers: (SignatureResult | Promise<SignatureResult>)[] = [];
    for (let from = 0; from < jobs.length; ) {
      const to = from + chance.pick([1, 2, 5, 40, 700]);
      answers.push(...jobs.slice(from, to).map((job) => ask(threads, job)));
      from = to;
      if (chance.often(0.5)) await new Promise((resolve) => setImmediate(resolve));
      else await answers.at(-1);
    }
    await expectAnswers(jobs, answers);
    expect(answers.some((answer) => answer instanceof Promise)).toBe(true);
    expect(deaths).toEqual([]);
  });

  test('threads work while the main thread does not come by', async () => {
    const { threads } = await start(count);
    await untilAtWork(threads);
    const message = new Uint8Array(9);
    const answers: unknown[] = [];
    // Full: the main thread does it by itself. Room again, without any turn of the event loop: a thread has taken one.
    do answers.push(threads.sign(message));
    while (answers.at(-1) instanceof Promise);
    do answers.push(threads.sign(message));
    while (!(answers.at(-1) instanceof Promise) && answers.length < 100_000);
    expect(answers.at(-1)).toBeInstanceOf(Promise);
    expect(new Set((await Promise.all(answers)).map(String)).size).toBe(1);
  });

  test('what was asked is answered although all threads die, and so is what is asked later', async () => {
    const { threads, workers } = await start(count);
    await untilAtWork(threads);
    const jobs = drawJobs(10 + count, 600);
    const answers = jobs.slice(0, 300).map((job) => ask(threads, job));
    const ends = workers.map((worker) => worker.terminate());
    answers.push(...jobs.slice(300).map((job) => ask(threads, job)));
    await Promise.all(ends);
    await expectAnswers(jobs, answers);
    expect(deaths).toHaveLength(count);
    expect(threads.sign(new Uint8Array(3))).toEqual(voucherSigner.sign(new Uint8Array(3)));
  });

  test('closing loses no answer; what is asked afterwards is answered on the spot', async () => {
    const { threads } = await start(count);
    await untilAtWork(threads);
    const jobs = drawJobs(20 + count, 100);
    const answers = jobs.slice(0, 10).map((job) => ask(threads, job));
    let openCount = answers.length;
    for (const answer of answers) {
      Promise.resolve(answer).then(() => {
        openCount--;
      });
    }
    const closed = threads.close();
    const late = jobs.slice(10).map((job) => ask(threads, job));
    expect(late.some((answer) => answer instanceof Promise)).toBe(false);
    await closed;
    expect(openCount).toBe(0);
    await expectAnswers(jobs, [...answers, ...late]);
    expect(deaths).toEqual([]);
  });
});

test('one of two threads dies: the other one goes on', async () => {
  const { threads, workers } = await start(2);
  await untilAtWork(threads);
  const jobs = drawJobs(30, 600);
  const answers = jobs.slice(0, 300).map((job) => ask(threads, job));
  await workers[0]?.terminate();
  answers.push(...jobs.slice(300).map((job) => ask(threads, job)));
  await expectAnswers(jobs, answers);
  expect(deaths).toHaveLength(1);
  expect(threads.sign(new Uint8Array(1))).toBeInstanceOf(Promise);
});

test('without threads everything is answered on the spot', async () => {
  const { threads } = await start(0);
  const jobs = drawJobs(40, 200);
  const answers = jobs.map((job) => ask(threads, job));
  expect(answers.some((answer) => answer instanceof Promise)).toBe(false);
  await expectAnswers(jobs, answers);
});

test('a thread that dies before it has begun is told with its cause, and missed by nobody', async () => {
  const { threads, workers } = await start(1);
  const cause = new Error('out of memory');
  workers[0]?.emit('error', cause);
  await workers[0]?.terminate();
  expect(deaths).toEqual([cause]);
  expect(threads.sign(new Uint8Array(3))).toEqual(voucherSigner.sign(new Uint8Array(3)));
});

test('the public key is the one that signatures verify under', async () => {
  const { threads } = await start(0);
  expect(threads.publicKey).toEqual(voucherSigner.publicKey);
});

test('a key of a wrong length, and more threads than there are places, are faults of the caller', () => {
  const options = { voucherKey, sealKey, onDeath: () => {} };
  expect(() => new SignatureThreads({ ...options, threads: 0, voucherKey: voucherKey.subarray(1) })).toThrow(
    RangeError,
  );
  expect(() => new SignatureThreads({ ...options, threads: 17 })).toThrow(RangeError);
});

test('a process stays for the last answer, and not for a thread without work', async () => {
  const message = new Uint8Array(32).fill(1);
  const { publicKey, sign } = crypto.signer('P-256', message);
  // Verifications under P-256 take long enough for the main thread to be idle before the last answer.
  const program = `
    import { SignatureThreads } from ${JSON.stringify(builtFile)};
    const message = new Uint8Array(32).fill(1);
    const key = { algorithm: 'P-256', bytes: Uint8Array.of(${publicKey.bytes}) };
    const signature = Uint8Array.of(${sign(message)});
    const sealKey = { publicKey: message, privateKey: message };
    const threads = new SignatureThreads({ threads: 1, voucherKey: message, sealKey, onDeath: console.error });
    while (!(threads.sign(message) instanceof Promise)) await new Promise((resolve) => setImmediate(resolve));
    for (let round = 0; round < 50; round++) {
      const answers = [];
      do answers.push(threads.verify(key, message, signature));
      while (answers.at(-1) instanceof Promise);
      // The ring was full: there is room again when the thread is awake and at work.
      do answers.push(threads.verify(key, message, signature));
      while (!(answers.at(-1) instanceof Promise) && answers.length < 10_000);
      await Promise.all(answers);
    }
    console.log('all answered');
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(await run).toEqual({ stdout: 'all answered\n', stderr: '' });
});
