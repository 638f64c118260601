/**
 * One tap at one touchpoint (docs/protocol.md §1): connect and fetch the hello in the background, wait for the approval,
 * redeem, carry the voucher, keep the receipts. It ends with one event, and leaves no link and no timer behind.
 */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import type { OfferView } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type ApproachDeps, fetchHello, type HeldHello, type Prepared, prepare } from './approach.js';
import { collectRiders, deliver } from './deliver.js';
import type { Directory } from './directory.js';
import type { ClientEvent, TapOutcome, TapStage, TapTimings, TouchpointView } from './events.js';
import { failedEvent } from './failed-event.js';
import {
  CONNECT_ATTEMPTS_MAX,
  CONNECT_MS_MAX,
  HELLO_DELIVER_AGE_MS_MAX,
  HELLO_REDEEM_AGE_MS_MAX,
  LINK_RETRY_MS,
  REDEEM_MS_MAX,
  RESOLVE_MS_MAX,
} from './limits.js';
import { Link } from './link.js';
import type { OutboxTransaction, Radio } from './ports.js';
import type { Receipts } from './receipts.js';
import { awardOf, type Grant, type RedeemDeps, redeem, storeApproval } from './redeem.js';
import { isWorthRepeating, withNetworkRetries } from './retry.js';
import { asTapsealError, Scope } from './scope.js';
import type { Server } from './server.js';
import type { Settler } from './settle.js';

export type TapDeps = ApproachDeps &
  RedeemDeps & {
    readonly server: Server;
    readonly radio: Radio;
    readonly directory: Directory;
    readonly receipts: Receipts;
    readonly settler: Settler;
    /** How long a link without an approval is held. */
    readonly holdMs: number;
    emit(event: ClientEvent): void;
  };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A promise and its hands. */
function deferred<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}

export class Tap {
  readonly deviceId: string;
  /** When nothing of the tap runs any more and its link is down. Never rejects. */
  readonly finished: Promise<void>;
  readonly #deps: TapDeps;
  readonly #onOver: () => void;
  readonly #scope: Scope;
  readonly #approval = deferred<string>();
  readonly #outcome = deferred<TapOutcome>();
  readonly #timings: Mutable<TapTimings> = {};
  #stage: TapStage = 'resolving';
  #view: TouchpointView;
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #hello: HeldHello | undefined;
  #approvedAtMs: number | undefined;
  #granted = false;
  #voucherWrittenMs: number | undefined;
  #silent = false;
  #over = false;

  /** @param onOver is called before the last event; not for a tap that was abandoned */
  constructor(deps: TapDeps, touchpoint: TouchpointView, onOver: () => void) {
    this.#deps = deps;
    this.#onOver = onOver;
    this.#scope = new Scope(deps.clock);
    this.deviceId = touchpoint.deviceId;
    this.#view = touchpoint;
    this.finished = this.#run();
  }

  get isApproved(): boolean {
    return this.#approvedAtMs !== undefined;
  }

  get stage(): TapStage {
    return this.#stage;
  }

  /** The last event is out, and only the riders are still taken in. */
  get isOver(): boolean {
    return this.#over;
  }

  get hasLink(): boolean {
    return this.#link?.isOpen === true;
  }

  /** Only the first approval counts. @returns how the tap ends; never rejects */
  approve(offerId: string): Promise<TapOutcome> {
    this.#approvedAtMs ??= this.#deps.clock.nowMs();
    this.#approval.resolve(offerId);
    return this.#outcome.promise;
  }

  cancel(): void {
    this.#scope.end(new TapsealError('cancelled'));
  }

  /** Ends without an event, for another touchpoint that is closer. */
  abandon(): void {
    this.#silent = true;
    this.cancel();
  }

  async #run(): Promise<void> {
    // Whoever made this tap must hold it before the first event.
    await Promise.resolve();
    let outcome: TapOutcome;
    const receipts: Uint8Array[] = [];
    try {
      await this.#reachReady();
      const offerId = await this.#scope.within(this.#approval.promise);
      outcome = await this.#carryOut(offerId, receipts);
    } catch (thrown) {
      outcome = this.#failed(asTapsealError(thrown));
    }
    this.#over = true;
    if (!this.#silent) {
      this.#onOver();
      this.#deps.emit(outcome);
    }
    this.#outcome.resolve(outcome);
    if (outcome.type === 'delivered' && this.#link !== undefined)
      await collectRiders(this.#scope, this.#link, (receipt) => receipts.push(receipt));
    this.#scope.end(new TapsealError('cancelled'));
    await this.#closeLink();
    // A full disk: the box still has them, and hands them to the next phone.
    await this.#deps.receipts.keep(receipts).catch(() => {});
    if (this.#hello !== undefined) this.#deps.settler.release(this.#hello.transactionIdHex);
  }

  async #reachReady(): Promise<void> {
    const { directory, clock, noncePool } = this.#deps;
    const resolving = this.#resolveByAdvert();
    resolving.catch(() => {});
    await this.#reachHello();
    if (!(await this.#scope.within(resolving))) await this.#resolveByHello();
    this.#view = directory.view(this.deviceId) ?? this.#view;
    this.#stage = 'ready';
    this.#emit({ type: 'ready', atMs: clock.nowMs(), touchpoint: this.#view, timings: { ...this.#timings } });
    // Fetched now, while the shopper reads, for the case that this hello grows old.
    noncePool.refill();
    this.#releaseAfterHold().catch(() => {});
  }

  async #resolveByAdvert(): Promise<boolean> {
    const { directory, clock } = this.#deps;
    const startMs = clock.nowMs();
    const resolved = await directory.resolve(this.deviceId, this.#scope);
    if (resolved) this.#timings.resolveMs = clock.nowMs() - startMs;
    return resolved;
  }

  async #resolveByHello(): Promise<void> {
    const { clock, server, identity, directory } = this.#deps;
    const hello = this.#hello;
    if (hello === undefined) throw new TapsealError('internal_error', 'no hello');
    const startMs = clock.nowMs();
    const resolved = await withNetworkRetries(clock, this.#scope, RESOLVE_MS_MAX, () =>
      server.resolve({
        hello: bytesToBase64url(hello.sealedHello),
        nonce: bytesToBase64url(hello.serverNonce),
        phoneId: identity.phoneIdHex,
        transactionId: hello.transactionIdHex,
      }),
    );
    directory.learn(this.deviceId, resolved);
    this.#timings.resolveMs = clock.nowMs() - startMs;
  }

  /** Ends with a fresh hello, whatever it takes: over the link at hand, or over new ones. */
  async #reachHello(): Promise<void> {
    const { clock } = this.#deps;
    this.#hello = undefined;
    const preparing = prepare(this.#deps, this.#scope);
    preparing.catch(() => {});
    for (let attempt = 1; ; attempt++) {
      this.#stage = 'connecting';
      this.#emit({ type: 'connecting', atMs: clock.nowMs(), touchpoint: this.#view, attempt });
      try {
        this.#hello = await this.#askForHello(preparing);
        return;
      } catch (thrown) {
        const error = asTapsealError(thrown);
        await this.#closeLink();
        const again = error.code === 'link_lost' || error.code === 'link_dropped';
        if (this.#scope.ended || !again || attempt >= CONNECT_ATTEMPTS_MAX) throw error;
        await this.#scope.sleep(LINK_RETRY_MS);
      }
    }
  }

  async #askForHello(preparing: Promise<Prepared>): Promise<HeldHello> {
    const { clock } = this.#deps;
    const link = await this.#openLink();
    const prepared = await this.#scope.within(preparing);
    const hello = await fetchHello(this.#deps, this.#scope, link, prepared);
    this.#timings.helloMs = clock.nowMs() - hello.askedAtMs;
    return hello;
  }

  async #carryOut(offerId: string, receipts: Uint8Array[]): Promise<TapOutcome> {
    const { clock, settler } = this.#deps;
    this.#view = this.#deps.directory.view(this.deviceId) ?? this.#view;
    const offer = this.#view.offers?.find((candidate) => candidate.id === offerId);
    const touchpointIdHex = this.#view.id;
    if (offer === undefined || touchpointIdHex === undefined)
      throw new TapsealError('offer_unknown', offerId);
    const hello = await this.#freshHello();
    this.#stage = 'approving';
    this.#emit({ type: 'approving', atMs: clock.nowMs(), ...this.#transaction(hello, offer) });
    // In parallel with the round trip. Where it fails, the delivery tries again and says why.
    this.#openLink().catch(() => {});
    settler.claim(hello.transactionIdHex);
    const approved = { touchpointIdHex, offer, touchpointName: this.#view.name ?? '' };
    const transaction = await this.#store(hello, approved);
    try {
      const decision = await redeem(this.#deps, this.#scope, transaction, REDEEM_MS_MAX, approved);
      this.#timings.redeemMs = clock.nowMs() - (this.#approvedAtMs ?? 0);
      this.#deps.directory.expire(this.deviceId);
      const outcome =
        decision.type === 'refusal'
          ? this.#refused(hello, offer, decision.refusal)
          : await this.#carry(decision, hello, offer, receipts);
      await this.#forget(transaction.id);
      return outcome;
    } catch (thrown) {
      const error = asTapsealError(thrown);
      // Whether the server has decided is unknown only before its answer: the settler asks again.
      const open = !this.#granted && (this.#scope.ended || isWorthRepeating(error));
      if (!open) await this.#forget(transaction.id);
      throw error;
    }
  }

  async #store(hello: HeldHello, approved: Parameters<typeof storeApproval>[3]): Promise<OutboxTransaction> {
    try {
      const transaction = await storeApproval(this.#deps, this.#deps.identity, hello, approved);
      this.#scope.check();
      return transaction;
    } catch (thrown) {
      // Cancelled, or stored by half, before anything was sent: nothing must be sent later either.
      await this.#forget(hello.transactionIdHex);
      throw thrown;
    }
  }

  /** A transaction that a full disk will not let go of is settled again later: that does not change how this tap ended. */
  async #forget(transactionId: string): Promise<void> {
    await this.#deps.outbox.delete('transaction', transactionId).catch(() => {});
  }

  /** The hello at hand where it is young enough to be redeemed and carried, else a new one for a new transaction. */
  async #freshHello(): Promise<HeldHello> {
    const held = this.#hello;
    if (held !== undefined && this.#deps.clock.nowMs() - held.askedAtMs < HELLO_REDEEM_AGE_MS_MAX)
      return held;
    await this.#reachHello();
    if (this.#hello === undefined) throw new TapsealError('internal_error', 'no hello');
    return this.#hello;
  }

  async #carry(
    grant: Grant,
    hello: HeldHello,
    offer: OfferView,
    receipts: Uint8Array[],
  ): Promise<TapOutcome> {
    const { clock, crypto } = this.#deps;
    this.#granted = true;
    this.#stage = 'delivering';
    const voucher = bytesToBase64url(grant.voucherBytes);
    const award = awardOf(grant);
    const transaction = this.#transaction(hello, offer);
    this.#emit({ type: 'granted', atMs: clock.nowMs(), ...transaction, ...award, voucher, jws: grant.jws });
    const delivery = await deliver(
      {
        clock,
        crypto,
        openLink: () => this.#openLink(),
        closeLink: () => this.#closeLink(),
        onVoucherWritten: () => {
          this.#voucherWrittenMs ??= clock.nowMs();
        },
        onReceipt: (receipt) => receipts.push(receipt),
      },
      this.#scope,
      grant,
      hello.askedAtMs + HELLO_DELIVER_AGE_MS_MAX,
    );
    const atMs = clock.nowMs();
    this.#timings.deliverMs = atMs - (this.#voucherWrittenMs ?? atMs);
    this.#timings.approvalToReceiptMs = atMs - (this.#approvedAtMs ?? atMs);
    if (delivery.type === 'receipt' && delivery.outcome !== 'actuated')
      throw new TapsealError('actuation_failed', delivery.outcome);
    const confirmed = delivery.type === 'receipt';
    return { type: 'delivered', atMs, ...this.#transaction(hello, offer), ...award, confirmed };
  }

  #refused(
    hello: HeldHello,
    offer: OfferView,
    refusal: Extract<TapOutcome, { type: 'refused' }>['refusal'],
  ): TapOutcome {
    return {
      type: 'refused',
      atMs: this.#deps.clock.nowMs(),
      ...this.#transaction(hello, offer),
      refusal,
    };
  }

  #failed(error: TapsealError): TapOutcome {
    return failedEvent(error, {
      atMs: this.#deps.clock.nowMs(),
      touchpoint: this.#view,
      stage: this.#stage,
      ...(this.#hello === undefined ? {} : { transactionId: this.#hello.transactionIdHex }),
      granted: this.#granted,
      maybeDelivered: this.#voucherWrittenMs !== undefined,
      timings: { ...this.#timings },
    });
  }

  #transaction(hello: HeldHello, offer: OfferView) {
    return {
      touchpoint: this.#view,
      transactionId: hello.transactionIdHex,
      offer: offer.id,
      timings: { ...this.#timings },
    };
  }

  /** The open link, the one that is being opened, or a new one. */
  #openLink(): Promise<Link> {
    if (this.#link?.isOpen === true) return Promise.resolve(this.#link);
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<Link> {
    const { clock, radio, directory } = this.#deps;
    await this.#link?.close();
    const startMs = clock.nowMs();
    const link = await Link.open(radio, this.deviceId, this.#scope, CONNECT_MS_MAX, (step) => {
      if (step === 'connected') this.#timings.connectMs = clock.nowMs() - startMs;
    });
    this.#timings.subscribeMs = clock.nowMs() - startMs;
    directory.touch(this.deviceId);
    this.#link = link;
    return link;
  }

  async #closeLink(): Promise<void> {
    // One that is being opened ends with the scope, or belongs to whoever waits for it.
    await this.#opening?.catch(() => {});
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  async #releaseAfterHold(): Promise<void> {
    await this.#scope.sleep(this.#deps.holdMs);
    if (!this.isApproved) await this.#closeLink();
  }

  #emit(event: ClientEvent): void {
    if (!this.#silent) this.#deps.emit(event);
  }
}
