/**
 * The nonces of hellos that a voucher may still answer (docs/protocol.md §7.1). In memory only: a restarted box, or one whose
 * storage was put back to an older copy, knows none of them and so refuses every earlier voucher (property 4).
 */
import { BOX_NONCE_BYTES, BOX_NONCE_TTL_MS } from '@tapseal/shared/bounds';
import { equalBytes } from '@tapseal/shared/bytes';
import type { Randomness } from '@tapseal/shared/crypto-port';
import { BOX_NONCES_MAX } from './link-bounds.js';

type Outstanding = { readonly nonce: Uint8Array; readonly issuedAtMs: number };

export class BoxNonces {
  readonly #randomness: Randomness;
  #outstanding: Outstanding[] = [];

  constructor(randomness: Randomness) {
    this.#randomness = randomness;
  }

  /** @param nowMs monotonic */
  issue(nowMs: number): Uint8Array {
    const nonce = this.#randomness.randomBytes(BOX_NONCE_BYTES);
    this.#outstanding = [...this.#fresh(nowMs), { nonce, issuedAtMs: nowMs }].slice(-BOX_NONCES_MAX);
    return nonce;
  }

  isOutstanding(nonce: Uint8Array, nowMs: number): boolean {
    return this.#fresh(nowMs).some((entry) => equalBytes(entry.nonce, nonce));
  }

  consume(nonce: Uint8Array): void {
    this.#outstanding = this.#outstanding.filter((entry) => !equalBytes(entry.nonce, nonce));
  }

  #fresh(nowMs: number): Outstanding[] {
    return this.#outstanding.filter((entry) => nowMs - entry.issuedAtMs < BOX_NONCE_TTL_MS);
  }
}
