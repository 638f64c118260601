/**
 * One connection: its frames, and how long it may go on (docs/protocol.md §4.3). The box serves one phone at a time, so a
 * link ends by itself unless its phone gets on with the tap (property 25).
 */
import { ATT_MTU_MIN, LINK_SILENCE_MS_MAX } from '@tapseal/shared/bounds';
import { FrameReader, type Message } from '@tapseal/shared/frame';
import { ANSWER_EXTENSIONS_MAX, DELIVERY_MS, DROP_REPEAT_MS, MESSAGE_MS_MAX } from './link-bounds.js';
import type { DropReason } from './step.js';

export class LinkSession {
  mtu = ATT_MTU_MIN;
  isSubscribed = false;
  hellos = 0;
  readonly #frames = new FrameReader();
  #phase: 'opening' | 'holding' | 'served' = 'opening';
  #phaseEndsMs: number;
  #message: { readonly startedMs: number; lastPacketMs: number } | undefined;
  #vouchersInWork = 0;
  #extensions = 0;
  #dropAgainMs: number | undefined;

  constructor(nowMs: number) {
    this.#phaseEndsMs = nowMs + LINK_SILENCE_MS_MAX;
  }

  get isDropped(): boolean {
    return this.#dropAgainMs !== undefined;
  }

  /** When the link has to be dropped unless something happens before. */
  get deadlineMs(): number {
    if (this.#dropAgainMs !== undefined) return this.#dropAgainMs;
    // A phone that waits for a slow actuator is no burden of its own making.
    if (this.#vouchersInWork > 0) return Number.POSITIVE_INFINITY;
    if (this.#message === undefined) return this.#phaseEndsMs;
    return Math.min(
      this.#message.lastPacketMs + LINK_SILENCE_MS_MAX,
      this.#message.startedMs + MESSAGE_MS_MAX,
    );
  }

  get dropReason(): DropReason {
    if (this.#message !== undefined) return 'slow';
    return this.#phase === 'opening' ? 'silent' : 'held';
  }

  /** @throws TapsealError message_malformed, message_too_long */
  receive(packet: Uint8Array, nowMs: number): Message | undefined {
    const message = this.#message ?? { startedMs: nowMs, lastPacketMs: nowMs };
    this.#message = undefined;
    const whole = this.#frames.push(packet);
    if (whole === undefined) {
      message.lastPacketMs = nowMs;
      this.#message = message;
    }
    return whole;
  }

  /** Leaves an answer time to reach the phone, but not for as many answers as a phone cares to ask for. */
  answered(nowMs: number): void {
    if (this.#phaseEndsMs >= nowMs + DELIVERY_MS || this.#extensions >= ANSWER_EXTENSIONS_MAX) return;
    this.#extensions += 1;
    this.#phaseEndsMs = nowMs + DELIVERY_MS;
  }

  /** The hold time runs from the first hello of the link; a second one does not start it anew. */
  greeted(nowMs: number, holdMs: number): void {
    this.hellos += 1;
    if (this.#phase !== 'opening') return;
    this.#phase = 'holding';
    this.#phaseEndsMs = nowMs + Math.max(holdMs, DELIVERY_MS);
  }

  /** A phone that carried a newer manifest is about to write its voucher. */
  manifestInstalled(nowMs: number): void {
    this.#phaseEndsMs = Math.max(this.#phaseEndsMs, nowMs + LINK_SILENCE_MS_MAX);
  }

  voucherAccepted(): void {
    this.#vouchersInWork += 1;
  }

  voucherDone(nowMs: number): void {
    this.#vouchersInWork -= 1;
    this.#phase = 'served';
    this.#phaseEndsMs = nowMs + LINK_SILENCE_MS_MAX;
  }

  dropped(nowMs: number): void {
    this.#dropAgainMs = nowMs + DROP_REPEAT_MS;
  }
}
