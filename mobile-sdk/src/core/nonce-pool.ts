/** Keeps one fresh nonce of the server ready, so that a challenge does not wait for the network. */
import { NONCE_AGE_MS_MAX } from './limits.js';
import type { Clock } from './ports.js';

type Held = { readonly nonce: Uint8Array; readonly fetchedAtMs: number };

export class NoncePool {
  readonly #clock: Clock;
  readonly #fetchNonce: () => Promise<Uint8Array>;
  #held: Held | undefined;
  #fetching: Promise<Held> | undefined;

  constructor(clock: Clock, fetchNonce: () => Promise<Uint8Array>) {
    this.#clock = clock;
    this.#fetchNonce = fetchNonce;
  }

  /** Gives a nonce away that is young enough for a whole tap; each is given once. */
  async take(): Promise<Uint8Array> {
    if (!this.#isFresh()) {
      const fetched = await this.#fetch();
      // Two takers may wait for one fetch: the second one fetches again.
      if (this.#held !== fetched) return this.take();
    }
    const nonce = this.#held?.nonce;
    this.#held = undefined;
    return nonce ?? this.take();
  }

  /** A nonce that came with another answer. */
  offer(nonce: Uint8Array): void {
    this.#held = { nonce, fetchedAtMs: this.#clock.nowMs() };
  }

  /** Fetches ahead, in the background. Without a network `take` tries again. */
  refill(): void {
    if (!this.#isFresh()) this.#fetch().catch(() => {});
  }

  #isFresh(): boolean {
    return this.#held !== undefined && this.#clock.nowMs() - this.#held.fetchedAtMs <= NONCE_AGE_MS_MAX;
  }

  #fetch(): Promise<Held> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<Held> {
    // The age counts from before the request: the server made the nonce later, never earlier.
    const fetchedAtMs = this.#clock.nowMs();
    const held = { nonce: await this.#fetchNonce(), fetchedAtMs };
    this.#held = held;
    return held;
  }
}
