/**
 * Signature work that the main thread shares with threads beside it. Jobs wait in a ring. Threads take them one by one, and
 * so does the main thread whenever it has nothing else to do: nobody is idle while there is work. Where enough jobs wait,
 * whoever asks has the answer at once, worked out on the spot: the ring never grows, and a thread that is slow, asleep or dead
 * is missed by nobody. A sleeping thread is woken by the first job: that costs as much as the shorter jobs, and still all wait less.
 */
import { Worker } from 'node:worker_threads';
import type { PublicKey } from '@tapseal/shared/crypto-port';
import { fitsSlot, JobMemory } from './job-memory.js';
import { JobRing } from './job-ring.js';
import type { SignatureThreadData } from './signature-thread.js';
import {
  createSignatureWork,
  type SignatureJob,
  type SignatureKeys,
  type Signatures,
  type SignatureWork,
} from './signature-work.js';
import { SIGNATURE_THREADS_MAX } from './thread-count.js';

// The built file, whether this one is built or a source.
const THREAD_FILE = new URL('../../dist/signatures/signature-thread.js', import.meta.url);

/** Jobs that wait to be taken; from then on the main thread does them on the spot. */
const WAITING_MAX = 16;
/** Turns of the event loop without anything to do, before the main thread waits to be called. */
const IDLE_TURNS_MAX = 2;

/** It keeps nothing from job to job: about 12 MB of resident memory instead of 22. */
const HEAP_OF_A_THREAD = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 24 };

export type SignatureThreadsOptions = SignatureKeys & {
  /** Threads beside the main one, 16 at most. 0: the main thread does everything on the spot. */
  readonly threads: number;
  /** A thread has ended that was not told to. What it had to do is done; no other one is started in its place. */
  readonly onDeath: (cause: unknown) => void;
};

export class SignatureThreads implements Signatures {
  /** Of the voucher key. */
  readonly publicKey: PublicKey;
  readonly #work: SignatureWork;
  readonly #memory = new JobMemory();
  readonly #ring: JobRing;
  /** Those that live, by their numbers. */
  readonly #threads = new Map<number, Worker>();
  #isClosing = false;
  #isVisitDue = false;
  #isProcessHeld = false;
  #hasBeenBusy = false;
  #idleTurns = 0;

  /** @throws RangeError where `voucherKey` has not 32 bytes, or threads are more than 16 */
  constructor({ threads, onDeath, ...keys }: SignatureThreadsOptions) {
    if (threads > SIGNATURE_THREADS_MAX) throw new RangeError(`more than ${SIGNATURE_THREADS_MAX} threads`);
    this.#work = createSignatureWork(keys);
    this.#ring = new JobRing(this.#memory, this.#work);
    this.publicKey = this.#work.publicKey;
    for (let thread = 0; thread < threads; thread++) this.#start(thread, keys, onDeath);
  }

  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean> {
    const job: SignatureJob = { kind: 'verify', key, message, signature };
    if (!this.#isForRing(job)) return this.#work.verify(key, message, signature);
    return this.#ask(job) as Promise<boolean>;
  }

  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const job: SignatureJob = { kind: 'sign', message };
    return this.#isForRing(job) ? (this.#ask(job) as Promise<Uint8Array>) : this.#work.sign(message);
  }

  open(sealed: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const job: SignatureJob = { kind: 'open', message: sealed };
    if (!this.#isForRing(job)) return this.#work.open(sealed);
    return this.#ask(job) as Promise<Uint8Array | undefined>;
  }

  /** Ends the threads. What was asked before is answered when this resolves; what is asked later, on the spot. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(Array.from(this.#threads.values(), (worker) => worker.terminate()));
  }

  #start(thread: number, keys: SignatureKeys, onDeath: (cause: unknown) => void): void {
    // Copies of just these bytes: a view would take along all of the memory that it is a part of.
    const voucherKey = Uint8Array.from(keys.voucherKey);
    const publicKey = Uint8Array.from(keys.sealKey.publicKey);
    const privateKey = Uint8Array.from(keys.sealKey.privateKey);
    const workerData: SignatureThreadData = {
      keys: { voucherKey, sealKey: { publicKey, privateKey } },
      memory: this.#memory.buffer,
      thread,
    };
    // Without the options of this process, which may be about other files than the built ones.
    const worker = new Worker(THREAD_FILE, { workerData, execArgv: [], resourceLimits: HEAP_OF_A_THREAD });
    voucherKey.fill(0);
    privateKey.fill(0);
    this.#threads.set(thread, worker);
    let cause: unknown;
    worker.on('message', () => this.#called());
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => {
      this.#buried(thread);
      if (!this.#isClosing) onDeath(cause ?? new Error(`a signature thread ended with exit code ${code}`));
    });
    worker.unref();
  }

  #buried(thread: number): void {
    this.#threads.delete(thread);
    this.#ring.inherit(thread);
    // The last one leaves all that nobody has taken.
    while (this.#threads.size === 0 && this.#ring.doOne());
    this.#comeBySoon();
  }

  /** Collects on the way, since it has come by. */
  #isForRing(job: SignatureJob): boolean {
    if (this.#isClosing || this.#threads.size === 0 || this.#memory.startedCount === 0) return false;
    if (this.#ring.collect()) this.#hasBeenBusy = true;
    return this.#ring.untakenCount < WAITING_MAX && !this.#ring.isFull && fitsSlot(job);
  }

  #ask(job: SignatureJob): Promise<unknown> {
    const answer = this.#ring.ask(job);
    this.#hasBeenBusy = true;
    this.#wakeOne();
    this.#comeBySoon();
    return answer;
  }

  #wakeOne(): void {
    for (const thread of this.#threads.keys()) if (this.#memory.wake(thread)) return;
  }

  #comeBySoon(): void {
    if (this.#isVisitDue) return;
    this.#isVisitDue = true;
    setImmediate(this.#visit);
  }

  /** Once a turn of the event loop while there are jobs. */
  readonly #visit = (): void => {
    this.#isVisitDue = false;
    const isIdle = !this.#ring.collect() && !this.#hasBeenBusy;
    this.#hasBeenBusy = false;
    if (this.#ring.isEmpty) {
      this.#holdProcess(false);
      return;
    }
    // One job a turn: sockets are looked after in between.
    const hasWorked = isIdle && this.#ring.doOne();
    this.#idleTurns = isIdle && !hasWorked ? this.#idleTurns + 1 : 0;
    if (this.#idleTurns <= IDLE_TURNS_MAX) this.#comeBySoon();
    else this.#rest();
  };

  /** Threads are at all that is left: one of them will call. */
  #rest(): void {
    this.#idleTurns = 0;
    this.#holdProcess(true);
    this.#memory.wantCall();
    // What was done just before calls nobody.
    if (this.#ring.collect()) this.#comeBySoon();
  }

  #called(): void {
    this.#holdProcess(false);
    this.#comeBySoon();
  }

  /** A thread without work is no reason for the process to stay; one with the last answer is. */
  #holdProcess(isHeld: boolean): void {
    if (isHeld === this.#isProcessHeld) return;
    this.#isProcessHeld = isHeld;
    for (const worker of this.#threads.values()) isHeld ? worker.ref() : worker.unref();
  }
}
