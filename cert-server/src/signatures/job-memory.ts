/**
 * Memory that the main thread and the threads beside it share: slots, each for a job and its result. One word of a slot says
 * whose it is; it changes after the bytes are written, and is looked at before they are read, so that no lock is needed:
 * free (the main thread's) → asked (for whoever takes it first) → taken by a thread → done (the main thread's) → free.
 * Secret keys never lie here.
 */
import { ED25519_KEY_BYTES, P256_KEY_BYTES, SIGNATURE_BYTES } from '@tapseal/shared/bounds';
import type { KeyAlgorithm } from '@tapseal/shared/crypto-port';
import type { SignatureJob, SignatureResult } from './signature-work.js';
import { SIGNATURE_THREADS_MAX } from './thread-count.js';

/** A power of two, so that a counter still leads to the right slot when it has come round. */
export const SLOTS = 64;
/** Of a redemption the longest text is the voucher as JWS, of about 700 bytes. */
export const MESSAGE_BYTES_MAX = 1_024;

const FREE = 0;
const ASKED = 1;
const DONE = 2;
/** Plus the number of the thread. */
const TAKEN = 16;

// Words: for all, for each thread, for each slot.
const ASKED_COUNT = 0;
const DONE_COUNT = 1;
const STARTED_COUNT = 2;
const IS_CALL_WANTED = 3;
const IS_ASLEEP_AT = 4;
const STATE_AT = IS_ASLEEP_AT + SIGNATURE_THREADS_MAX;
const KIND_AT = STATE_AT + SLOTS;
const MESSAGE_LENGTH_AT = KIND_AT + SLOTS;
const RESULT_LENGTH_AT = MESSAGE_LENGTH_AT + SLOTS;
const WORDS = RESULT_LENGTH_AT + SLOTS;

// Bytes of a slot. The result has a place of its own: if the thread dies over it, the job is still whole.
const SIGNATURE_AT = P256_KEY_BYTES;
const MESSAGE_AT = SIGNATURE_AT + SIGNATURE_BYTES;
const RESULT_AT = MESSAGE_AT + MESSAGE_BYTES_MAX;
const SLOT_BYTES = RESULT_AT + MESSAGE_BYTES_MAX;

/** Length of a result that is false or undefined. */
const NOTHING = -1;
/** Counters of 32 bits come round after days of load: they start just before, so that they do it in every test too. */
const FIRST_COUNT = 0x7fff_ffe0;

const keyBytes: Record<KeyAlgorithm, number> = { Ed25519: ED25519_KEY_BYTES, 'P-256': P256_KEY_BYTES };
const kinds = ['Ed25519', 'P-256', 'sign', 'open'] as const;
const SIGN = kinds.indexOf('sign');

/** False for what no slot holds, among it every key and every signature of a wrong length. */
export function fitsSlot(job: SignatureJob): boolean {
  if (job.message.length > MESSAGE_BYTES_MAX) return false;
  if (job.kind !== 'verify') return true;
  return job.signature.length === SIGNATURE_BYTES && job.key.bytes.length === keyBytes[job.key.algorithm];
}

export class JobMemory {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  // sodium-native takes no shared memory (its answer is undefined then): what it works on is copied out first.
  readonly #copy = new Uint8Array(RESULT_AT);

  /** @param buffer of a memory that another thread has made; a new one where absent */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(4 * WORDS + SLOT_BYTES * SLOTS);
    this.#words = new Int32Array(this.buffer, 0, WORDS);
    this.#bytes = new Uint8Array(this.buffer, 4 * WORDS);
    if (buffer === undefined) this.#words[ASKED_COUNT] = FIRST_COUNT;
  }

  /** Counts the jobs asked, from anywhere on, and comes round. The next one is for the slot of its low bits. */
  get askedCount(): number {
    return Atomics.load(this.#words, ASKED_COUNT);
  }

  /** Changes with each job that a thread has done. */
  get doneCount(): number {
    return Atomics.load(this.#words, DONE_COUNT);
  }

  /** Threads that have begun to take jobs. */
  get startedCount(): number {
    return Atomics.load(this.#words, STARTED_COUNT);
  }

  isFree(slot: number): boolean {
    return Atomics.load(this.#words, STATE_AT + slot) === FREE;
  }

  isAsked(slot: number): boolean {
    return Atomics.load(this.#words, STATE_AT + slot) === ASKED;
  }

  isTakenBy(slot: number, thread: number): boolean {
    return Atomics.load(this.#words, STATE_AT + slot) === TAKEN + thread;
  }

  isDone(slot: number): boolean {
    return Atomics.load(this.#words, STATE_AT + slot) === DONE;
  }

  /** For the main thread: the slot is the next one and free, and the job fits. */
  ask(slot: number, job: SignatureJob): void {
    const at = slot * SLOT_BYTES;
    if (job.kind === 'verify') {
      this.#bytes.set(job.key.bytes, at);
      this.#bytes.set(job.signature, at + SIGNATURE_AT);
    }
    this.#bytes.set(job.message, at + MESSAGE_AT);
    this.#words[KIND_AT + slot] = kinds.indexOf(job.kind === 'verify' ? job.key.algorithm : job.kind);
    this.#words[MESSAGE_LENGTH_AT + slot] = job.message.length;
    Atomics.store(this.#words, STATE_AT + slot, ASKED);
    Atomics.add(this.#words, ASKED_COUNT, 1);
  }

  /** For a thread. @returns false where there is no job, or somebody else was faster */
  take(slot: number, thread: number): boolean {
    return Atomics.compareExchange(this.#words, STATE_AT + slot, ASKED, TAKEN + thread) === ASKED;
  }

  /** For the main thread: as `take`. The slot is free at once; its job can be read until the next one is asked there. */
  takeBack(slot: number): boolean {
    return Atomics.compareExchange(this.#words, STATE_AT + slot, ASKED, FREE) === ASKED;
  }

  /** For the main thread: of a slot that is done, or was taken by a thread that is dead. */
  free(slot: number): void {
    Atomics.store(this.#words, STATE_AT + slot, FREE);
  }

  /** The bytes are good until the next call. */
  jobAt(slot: number): SignatureJob {
    const kind = kinds[this.#words[KIND_AT + slot] as number];
    if (kind === undefined) throw new Error('a slot without a job was read');
    const at = slot * SLOT_BYTES;
    const end = MESSAGE_AT + (this.#words[MESSAGE_LENGTH_AT + slot] as number);
    this.#copy.set(this.#bytes.subarray(at, at + end));
    const message = this.#copy.subarray(MESSAGE_AT, end);
    if (kind === 'sign' || kind === 'open') return { kind, message };
    const key = { algorithm: kind, bytes: this.#copy.subarray(0, keyBytes[kind]) };
    return { kind: 'verify', key, message, signature: this.#copy.subarray(SIGNATURE_AT, MESSAGE_AT) };
  }

  /** For a thread, of a job that it has taken. @returns whether the main thread wants to be called */
  publish(slot: number, result: SignatureResult): boolean {
    const isBytes = result instanceof Uint8Array;
    if (isBytes) this.#bytes.set(result, slot * SLOT_BYTES + RESULT_AT);
    this.#words[RESULT_LENGTH_AT + slot] = isBytes ? result.length : result === true ? 0 : NOTHING;
    Atomics.store(this.#words, STATE_AT + slot, DONE);
    Atomics.add(this.#words, DONE_COUNT, 1);
    return Atomics.compareExchange(this.#words, IS_CALL_WANTED, 1, 0) === 1;
  }

  /** For the main thread, of a slot that is done. */
  resultAt(slot: number): SignatureResult {
    const length = this.#words[RESULT_LENGTH_AT + slot] as number;
    if ((this.#words[KIND_AT + slot] as number) < SIGN) return length !== NOTHING;
    if (length === NOTHING) return undefined;
    const at = slot * SLOT_BYTES + RESULT_AT;
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes.subarray(at, at + length));
    return bytes;
  }

  /** For the main thread: the next job that is done calls, once. It must look afterwards for what was done just before. */
  wantCall(): void {
    Atomics.store(this.#words, IS_CALL_WANTED, 1);
  }

  /** For a thread that takes jobs from now on. */
  start(): void {
    Atomics.add(this.#words, STARTED_COUNT, 1);
  }

  /** For a thread: sleeps until it is woken, unless more has been asked than `seenCount`. */
  sleep(thread: number, seenCount: number): void {
    Atomics.store(this.#words, IS_ASLEEP_AT + thread, 1);
    if (this.askedCount === seenCount) Atomics.wait(this.#words, IS_ASLEEP_AT + thread, 1);
    Atomics.store(this.#words, IS_ASLEEP_AT + thread, 0);
  }

  /** @returns false where it does not sleep */
  wake(thread: number): boolean {
    if (Atomics.compareExchange(this.#words, IS_ASLEEP_AT + thread, 1, 0) !== 1) return false;
    Atomics.notify(this.#words, IS_ASLEEP_AT + thread);
    return true;
  }
}
