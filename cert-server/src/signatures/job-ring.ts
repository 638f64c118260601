/**
 * The main thread's side of the shared memory: which slot comes next, what still waits in which slot, and who is to be told.
 * Slots are used in turn; the results may come in another order.
 */
import { type JobMemory, SLOTS } from './job-memory.js';
import type { SignatureJob, SignatureResult, SignatureWork } from './signature-work.js';

type Asker = {
  readonly resolve: (result: SignatureResult) => void;
  readonly reject: (error: unknown) => void;
};

function slotOf(count: number): number {
  return count & (SLOTS - 1);
}

export class JobRing {
  readonly #memory: JobMemory;
  readonly #work: Pick<SignatureWork, 'run'>;
  readonly #askers: (Asker | undefined)[] = [];
  #next: number;
  /** The oldest job whose slot is not free. */
  #oldest: number;
  /** No job before it is waiting to be taken. */
  #untaken: number;
  #doneSeen: number;

  constructor(memory: JobMemory, work: Pick<SignatureWork, 'run'>) {
    this.#memory = memory;
    this.#work = work;
    this.#next = memory.askedCount;
    this.#oldest = this.#next;
    this.#untaken = this.#next;
    this.#doneSeen = memory.doneCount;
  }

  get isEmpty(): boolean {
    return this.#oldest === this.#next;
  }

  get isFull(): boolean {
    return ((this.#next - this.#oldest) | 0) >= SLOTS;
  }

  /** Jobs that nobody has taken yet. */
  get untakenCount(): number {
    while (this.#untaken !== this.#next && !this.#memory.isAsked(slotOf(this.#untaken))) {
      this.#untaken = (this.#untaken + 1) | 0;
    }
    return (this.#next - this.#untaken) | 0;
  }

  /** The ring must not be full, and the job must fit. */
  ask(job: SignatureJob): Promise<SignatureResult> {
    const slot = slotOf(this.#next);
    this.#memory.ask(slot, job);
    this.#next = (this.#next + 1) | 0;
    return new Promise((resolve, reject) => {
      this.#askers[slot] = { resolve, reject };
    });
  }

  /** Hands out what threads have done. @returns false where that was nothing */
  collect(): boolean {
    const doneCount = this.#memory.doneCount;
    if (doneCount === this.#doneSeen) return false;
    this.#doneSeen = doneCount;
    this.#handOut();
    return true;
  }

  /** Does the oldest job that nobody has taken. @returns false where there is none */
  doOne(): boolean {
    while (this.untakenCount > 0) {
      const slot = slotOf(this.#untaken);
      if (!this.#memory.takeBack(slot)) continue;
      this.#do(slot);
      this.#forgetFree();
      return true;
    }
    return false;
  }

  /** For a thread that is dead: hands out what it had done, counted or not, and does what else it had taken. */
  inherit(thread: number): void {
    this.#handOut();
    for (let count = this.#oldest; count !== this.#next; count = (count + 1) | 0) {
      const slot = slotOf(count);
      if (!this.#memory.isTakenBy(slot, thread)) continue;
      this.#memory.free(slot);
      this.#do(slot);
    }
    this.#forgetFree();
  }

  #handOut(): void {
    for (let count = this.#oldest; count !== this.#next; count = (count + 1) | 0) {
      const slot = slotOf(count);
      if (!this.#memory.isDone(slot)) continue;
      const result = this.#memory.resultAt(slot);
      this.#memory.free(slot);
      this.#takeAsker(slot).resolve(result);
    }
    this.#forgetFree();
  }

  #do(slot: number): void {
    const { resolve, reject } = this.#takeAsker(slot);
    try {
      resolve(this.#work.run(this.#memory.jobAt(slot)));
    } catch (error) {
      reject(error);
    }
  }

  #takeAsker(slot: number): Asker {
    const asker = this.#askers[slot];
    if (asker === undefined) throw new Error('a job has been done twice');
    this.#askers[slot] = undefined;
    return asker;
  }

  #forgetFree(): void {
    while (this.#oldest !== this.#next && this.#memory.isFree(slotOf(this.#oldest))) {
      this.#oldest = (this.#oldest + 1) | 0;
    }
  }
}
