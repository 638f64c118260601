/**
 * Records on their way to the card, each with what is to happen when they are durable. The state changes then and not before,
 * so that it never holds more than the card does.
 */
import type { DurableRecord, DurableState } from './durable-state.js';
import type { Output } from './step.js';

/** @param ok false where the card failed: nothing of it may be relied on */
export type AfterWrite = (ok: boolean, nowMs: number) => void;

type PendingWrite = { readonly records: readonly DurableRecord[]; readonly then: AfterWrite };

export class PendingWrites {
  readonly #state: DurableState;
  readonly #pending = new Map<number, PendingWrite>();
  #next = 1;

  constructor(state: DurableState) {
    this.#state = state;
  }

  begin(records: readonly DurableRecord[], then: AfterWrite): Output {
    const write = this.#next++;
    this.#pending.set(write, { records, then });
    return { kind: 'persist', write, records };
  }

  /** The answer to a `persist`; one that nobody waits for is passed over. */
  end(write: number, ok: boolean, nowMs: number): void {
    const pending = this.#pending.get(write);
    this.#pending.delete(write);
    if (pending === undefined) return;
    if (ok) for (const record of pending.records) this.#state.apply(record);
    pending.then(ok, nowMs);
  }
}
