/**
 * Learns what became of transactions that were sent, or about to be, when the app or the network went away: the same bytes are
 * sent again, and the server answers as it did the first time. A grant that is learned so is shown; its box has forgotten
 * its nonce by then, so that nothing is given for it.
 */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { BackgroundLoop } from './background-loop.js';
import type { ClientEvent } from './events.js';
import { failedEvent } from './failed-event.js';
import type { OutboxTransaction } from './ports.js';
import { awardOf, type RedeemDeps, redeem } from './redeem.js';
import { isWorthRepeating } from './retry.js';
import { asTapsealError, Scope } from './scope.js';

export type SettlerDeps = RedeemDeps & {
  readonly programme: string;
  emit(event: ClientEvent): void;
};

export class Settler {
  readonly #deps: SettlerDeps;
  readonly #loop: BackgroundLoop;
  /** Transactions of the tap that runs: it settles them itself. */
  readonly #claimed = new Set<string>();
  #scope: Scope;

  constructor(deps: SettlerDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.clock);
    this.#loop = new BackgroundLoop(deps.clock, () => this.#settleAll());
  }

  start(): void {
    this.#scope = new Scope(this.#deps.clock);
    this.#loop.start();
  }

  async stop(): Promise<void> {
    this.#scope.end(new TapsealError('cancelled'));
    await this.#loop.stop();
  }

  claim(transactionId: string): void {
    this.#claimed.add(transactionId);
  }

  /** What the tap left in the outbox is settled from now on. */
  release(transactionId: string): void {
    if (this.#claimed.delete(transactionId)) this.#loop.kick();
  }

  async #settleAll(): Promise<boolean> {
    let done = true;
    for (const entry of await this.#deps.outbox.list()) {
      if (entry.kind !== 'transaction' || entry.programme !== this.#deps.programme) continue;
      if (this.#claimed.has(entry.id)) continue;
      if (!(await this.#settle(entry))) done = false;
    }
    return done;
  }

  async #settle(transaction: OutboxTransaction): Promise<boolean> {
    const { clock, outbox, emit } = this.#deps;
    const base = { transactionId: transaction.id, offer: transaction.offer, timings: {} };
    try {
      // One attempt: the loop repeats it, with longer waits than a shopper would bear.
      const decision = await redeem(this.#deps, this.#scope, transaction, 0);
      await outbox.delete('transaction', transaction.id);
      if (decision.type === 'refusal') {
        emit({ type: 'refused', atMs: clock.nowMs(), ...base, refusal: decision.refusal });
        return true;
      }
      const voucher = bytesToBase64url(decision.voucherBytes);
      const award = awardOf(decision);
      emit({ type: 'granted', atMs: clock.nowMs(), ...base, ...award, voucher, jws: decision.jws });
      this.#emitFailed(transaction, new TapsealError('timed_out', 'granted, but not carried in time'), true);
      return true;
    } catch (thrown) {
      const error = asTapsealError(thrown);
      if (this.#scope.ended || isWorthRepeating(error)) return false;
      await outbox.delete('transaction', transaction.id);
      this.#emitFailed(transaction, error, false);
      return true;
    }
  }

  #emitFailed(transaction: OutboxTransaction, error: TapsealError, granted: boolean): void {
    const { clock, emit } = this.#deps;
    emit(
      failedEvent(error, {
        atMs: clock.nowMs(),
        stage: 'settling',
        transactionId: transaction.id,
        granted,
        maybeDelivered: granted,
        timings: {},
      }),
    );
  }
}
