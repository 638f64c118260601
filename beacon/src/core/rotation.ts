/**
 * The box's own seconds and the epoch of its rotating ID (docs/protocol.md §5.2). The box has no clock: it counts on from
 * boot to boot, and starts each boot at the beginning of the next epoch, so that no ID is ever used by two boots and the
 * card is written once an epoch.
 */
import { nextAdvertKey } from '@tapseal/shared/advert';
import { ROTATION_PERIOD_S, UINT32_MAX } from '@tapseal/shared/bounds';
import type { Hashing } from '@tapseal/shared/crypto-port';
import type { DurableRecord } from './durable-state.js';

type EpochRecord = DurableRecord & { readonly kind: 'epoch' };

export class Rotation {
  readonly #hashing: Hashing;
  #epoch: number;
  #key: Uint8Array;
  #epochStartedMs: number;

  /** @param stored the epoch of the boot before, or epoch 0 of the enrolment */
  constructor(
    hashing: Hashing,
    stored: { readonly epoch: number; readonly advertKey: Uint8Array },
    nowMs: number,
  ) {
    this.#hashing = hashing;
    this.#epoch = stored.epoch + 1;
    this.#key = nextAdvertKey(hashing, stored.advertKey);
    this.#epochStartedMs = nowMs;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get key(): Uint8Array {
    return this.#key;
  }

  /** To be durable before the ID of the epoch goes on the air. */
  get record(): EpochRecord {
    return { kind: 'epoch', epoch: this.#epoch, advertKey: this.#key };
  }

  get nextEpochMs(): number {
    return this.#epochStartedMs + ROTATION_PERIOD_S * 1_000;
  }

  counterS(nowMs: number): number {
    const inEpochS = Math.floor((nowMs - this.#epochStartedMs) / 1_000);
    return Math.min(UINT32_MAX, this.#epoch * ROTATION_PERIOD_S + Math.min(inEpochS, ROTATION_PERIOD_S - 1));
  }

  /** Moves on by every epoch that has passed. True if there was one. */
  advance(nowMs: number): boolean {
    let moved = false;
    while (nowMs >= this.nextEpochMs) {
      this.#epochStartedMs = this.nextEpochMs;
      this.#epoch += 1;
      this.#key = nextAdvertKey(this.#hashing, this.#key);
      moved = true;
    }
    return moved;
  }
}
