/**
 * Sends a batch of requests over kept-alive connections and notes when each answer came. Closed loop: each connection sends
 * its next request when it has its answer. Open loop: requests fall due on a schedule whatever the server does, and latency
 * counts from the moment on the schedule, so that a stall is seen by all who would have met it (no coordinated omission).
 */
import { HttpConnection } from './http-connection.js';
import { batchCount, type RequestBatch, requestAt } from './request-batch.js';

export type LoadResult = {
  readonly elapsedMs: number;
  readonly perSecond: number;
  readonly statuses: Uint16Array;
  readonly bodies: readonly Uint8Array[];
  /** From the moment when the request was due; in a closed loop, when it was sent. */
  readonly sinceDueMs: Float64Array;
  readonly sinceSentMs: Float64Array;
};

/** Between two looks at the schedule, and so the most by which a request is late of itself. */
const SCHEDULE_TICK_MS = 1;
/** Nothing here takes so long: whoever waits longer waits in vain. */
const STALLED_MS = 60_000;

class LoadRun {
  readonly #batch: RequestBatch;
  readonly #count: number;
  readonly #intervalMs: number;
  readonly #idle: HttpConnection[];
  readonly #sentMs: Float64Array;
  readonly #sinceDueMs: Float64Array;
  readonly #sinceSentMs: Float64Array;
  readonly #statuses: Uint16Array;
  readonly #bodies: Uint8Array[];
  readonly #startedMs = performance.now();
  #next = 0;
  #answered = 0;
  #timer: NodeJS.Timeout | undefined;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  /** @param intervalMs between two requests; 0: as soon as a connection is idle */
  constructor(batch: RequestBatch, connections: readonly HttpConnection[], intervalMs: number) {
    this.#batch = batch;
    this.#count = batchCount(batch);
    this.#intervalMs = intervalMs;
    this.#idle = [...connections];
    this.#sentMs = new Float64Array(this.#count);
    this.#sinceDueMs = new Float64Array(this.#count);
    this.#sinceSentMs = new Float64Array(this.#count);
    this.#statuses = new Uint16Array(this.#count);
    this.#bodies = new Array<Uint8Array>(this.#count);
  }

  async finish(): Promise<LoadResult> {
    if (this.#count > 0) {
      const stalled = setTimeout(
        () => this.fail(new Error(`no end after ${this.#answered} of ${this.#count} answers`)),
        STALLED_MS + this.#count * Math.max(this.#intervalMs, 2),
      );
      await new Promise<void>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#pump();
      }).finally(() => {
        clearTimeout(stalled);
        clearTimeout(this.#timer);
      });
    }
    const elapsedMs = performance.now() - this.#startedMs;
    return {
      elapsedMs,
      perSecond: (this.#count * 1_000) / elapsedMs,
      statuses: this.#statuses,
      bodies: this.#bodies,
      sinceDueMs: this.#sinceDueMs,
      sinceSentMs: this.#sinceSentMs,
    };
  }

  fail(error: Error): void {
    this.#settle?.reject(error);
  }

  #dueMs(index: number): number {
    return this.#startedMs + index * this.#intervalMs;
  }

  #pump(): void {
    const nowMs = performance.now();
    while (this.#next < this.#count && this.#dueMs(this.#next) <= nowMs) {
      const connection = this.#idle.pop();
      if (connection === undefined) return;
      this.#send(connection);
    }
    if (this.#intervalMs === 0 || this.#next >= this.#count || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, SCHEDULE_TICK_MS);
  }

  #send(connection: HttpConnection): void {
    const index = this.#next++;
    connection.requestIndex = index;
    this.#sentMs[index] = performance.now();
    connection.send(requestAt(this.#batch, index));
  }

  take(connection: HttpConnection, status: number, body: Uint8Array): void {
    const nowMs = performance.now();
    const index = connection.requestIndex;
    const sentMs = this.#sentMs[index] ?? nowMs;
    this.#sinceSentMs[index] = nowMs - sentMs;
    this.#sinceDueMs[index] = nowMs - (this.#intervalMs === 0 ? sentMs : this.#dueMs(index));
    this.#statuses[index] = status;
    this.#bodies[index] = Buffer.from(body);
    this.#answered += 1;
    this.#idle.push(connection);
    if (this.#answered === this.#count) this.#settle?.resolve();
    else this.#pump();
  }
}

export class LoadGenerator {
  readonly #connections: HttpConnection[] = [];
  #run: LoadRun | undefined;
  #broken: Error | undefined;

  private constructor() {}

  /** @param urls servers of one installation; the connections are shared out evenly */
  static async open(urls: readonly string[], connectionCount: number): Promise<LoadGenerator> {
    const generator = new LoadGenerator();
    for (let i = 0; i < connectionCount; i++) {
      const url = urls[i % urls.length];
      if (url === undefined) throw new RangeError('a generator needs a server');
      generator.#connections.push(
        await HttpConnection.open(url, {
          onAnswer: (connection, status, body) => generator.#run?.take(connection, status, body),
          onBroken: (error) => {
            generator.#broken = error;
            generator.#run?.fail(error);
          },
        }),
      );
    }
    return generator;
  }

  closedLoop(batch: RequestBatch): Promise<LoadResult> {
    return this.#start(batch, 0);
  }

  openLoop(batch: RequestBatch, perSecond: number): Promise<LoadResult> {
    return this.#start(batch, 1_000 / perSecond);
  }

  async #start(batch: RequestBatch, intervalMs: number): Promise<LoadResult> {
    if (this.#broken !== undefined) throw this.#broken;
    const run = new LoadRun(batch, this.#connections, intervalMs);
    this.#run = run;
    return run.finish().finally(() => {
      this.#run = undefined;
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
