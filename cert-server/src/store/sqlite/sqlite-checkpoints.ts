/**
 * Checkpoints aside: moving 16 MB of log to their places takes 10 to 20 ms, most of it waiting for the disk, and a server that
 * does it between two commits keeps everybody waiting. Here a thread with a connection of its own does it while commits go on.
 * What they added meanwhile it moves in a last pass of a few pages, and during that one no commit begins: SQLite begins a log
 * anew only when all of it has been moved. Where the thread is dead, or a reader elsewhere keeps the log, commits go on as ever.
 */
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';

/** Pages of the log, and how many of them are in their places. */
type LogState = { readonly log: number; readonly checkpointed: number };

const EMPTY_LOG: LogState = { log: 0, checkpointed: 0 };

/** 16 MB of log: a page that changes at every commit is moved once in a while, and no move takes long. */
export const CHECKPOINT_PAGES = 4_000;

// The built file, whether this one is built or a source.
const THREAD_FILE = new URL('../../../dist/store/sqlite/sqlite-checkpoint-thread.js', import.meta.url);
const HEAP_OF_THE_THREAD = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 24 };

/** Of a log so much longer, the main connection moves what it can by itself. */
const FALLBACK_FACTOR = 4;
/** As a share of the pages at which a checkpoint begins: what the last pass may have left to do. */
const LAST_PASS_SHARE = 0.05;
/** Each is shorter than the one before it, unless somebody keeps the log; then it is put off. */
const PASSES_MAX = 4;

export type CheckpointOptions = {
  /** Of the log, from which on it is moved; CHECKPOINT_PAGES where absent. */
  readonly pages?: number;
  /** The thread has ended; the main connection makes its checkpoints from now on. */
  readonly onDeath: (cause: unknown) => void;
};

export class SqliteCheckpoints {
  readonly #database: Database;
  readonly #pages: number;
  readonly #onDeath: (cause: unknown) => void;
  readonly #look;
  /** Started with the first checkpoint: a box with a dozen taps a day has no use for it. */
  #thread: Worker | undefined;
  #isMoving = false;
  #isLastPass = false;
  #isOver = false;
  #passes = 0;
  #nextAtPages: number;
  #onFree: () => void = () => undefined;

  constructor(database: Database, { pages = CHECKPOINT_PAGES, onDeath }: CheckpointOptions) {
    this.#database = database;
    this.#pages = pages;
    this.#nextAtPages = pages;
    this.#onDeath = onDeath;
    this.#look = database.prepare<[], LogState>('PRAGMA wal_checkpoint(NOOP)');
    database.pragma(`wal_autocheckpoint = ${pages * FALLBACK_FACTOR}`);
  }

  /** Whoever begins a commit now makes the last pass useless: `onFree` tells when it is over. */
  get isLastPass(): boolean {
    return this.#isLastPass;
  }

  onFree(listener: () => void): void {
    this.#onFree = listener;
  }

  /** To be called after each commit, outside of any transaction. */
  committed(): void {
    if (this.#isMoving || this.#isOver) return;
    const { log, checkpointed } = this.#logState();
    if (log < this.#pages) this.#begunAnew();
    if (log < this.#nextAtPages || log === checkpointed) return;
    if (this.#passes === PASSES_MAX) this.#putOff(log);
    else this.#move(log - checkpointed <= this.#pages * LAST_PASS_SHARE);
  }

  /** Ends the thread, in the middle of a checkpoint if need be: what it has moved is in the log as well. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#endLastPass();
    await this.#thread?.terminate();
  }

  #logState(): LogState {
    try {
      return this.#look.get() ?? EMPTY_LOG;
    } catch {
      // The commit was made, and is not to fail for this: what is wrong with the files, the next one tells who asked for it.
      return EMPTY_LOG;
    }
  }

  #begunAnew(): void {
    this.#passes = 0;
    this.#nextAtPages = this.#pages;
  }

  #putOff(log: number): void {
    this.#passes = 0;
    this.#nextAtPages = log + this.#pages;
  }

  #move(isLastPass: boolean): void {
    this.#passes += 1;
    this.#isMoving = true;
    this.#isLastPass = isLastPass;
    this.#thread ??= this.#start();
    // Somebody may wait for the answer, and nothing else keep the process.
    this.#thread.ref();
    this.#thread.postMessage(undefined);
  }

  #moved(): void {
    this.#isMoving = false;
    this.#thread?.unref();
    this.#endLastPass();
  }

  #start(): Worker {
    // Without the options of this process, which may be about other files than the built ones.
    const thread = new Worker(THREAD_FILE, {
      workerData: this.#database.name,
      execArgv: [],
      resourceLimits: HEAP_OF_THE_THREAD,
    });
    let cause: unknown;
    thread.on('message', () => this.#moved());
    thread.on('error', (error) => {
      cause = error;
    });
    thread.on('exit', (code) => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#database.pragma(`wal_autocheckpoint = ${this.#pages}`);
      this.#onDeath(cause ?? new Error(`the thread for checkpoints ended with exit code ${code}`));
      this.#endLastPass();
    });
    return thread;
  }

  #endLastPass(): void {
    if (!this.#isLastPass) return;
    this.#isLastPass = false;
    this.#onFree();
  }
}
