/**
 * The phone: what an app talks to. It scans, picks the closest touchpoint, keeps a tap ready for approval, and tells all of it
 * as events. Needs only the ports it is handed; see docs/protocol.md §1 for the course of a tap.
 */
import { LINK_HOLD_MS_DEFAULT } from '@tapseal/shared/bounds';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Directory } from './directory.js';
import {
  type ClientEvent,
  EventStream,
  type TapOutcome,
  type TapStage,
  type TouchpointView,
} from './events.js';
import { failedEvent } from './failed-event.js';
import { RSSI_FLOOR_DBM_DEFAULT, RSSI_SWITCH_DB, SWEEP_MS } from './limits.js';
import { NoncePool } from './nonce-pool.js';
import type { ClientPorts, Sighting } from './ports.js';
import { Receipts } from './receipts.js';
import { type Identity, register } from './register.js';
import { Scope } from './scope.js';
import { Server } from './server.js';
import { Settler } from './settle.js';
import { Tap, type TapDeps } from './tap.js';
import { VoucherKeys } from './voucher-keys.js';

export type ClientOptions = {
  /** Name of the programme at the server. */
  readonly programme: string;
  /** Weaker touchpoints are shown, but connected to only on `select`. Bounds relays; it does not stop them. */
  readonly rssiFloorDbm?: number;
  /** For platforms that hide adverts, as Web Bluetooth does: connect first, then ask the server. */
  readonly resolveByHello?: boolean;
  /** How long a link is held while the shopper reads; the box may drop it sooner. 0 where many queue. */
  readonly holdMs?: number;
  /** Connect to the closest touchpoint without being asked. Default true. */
  readonly autoConnect?: boolean;
  /** Is told of event listeners that throw. */
  readonly onListenerFault?: (fault: unknown) => void;
};

export interface Client {
  /** Registers the phone's key with the programme, once. `start` does it too. @throws TapsealError */
  register(): Promise<Pick<Identity, 'phoneIdHex' | 'shopper'>>;
  /** Delivers what earlier runs left in the outbox, and scans. @throws TapsealError adapter_…, network_unavailable, … */
  start(): Promise<void>;
  /** Ends the tap and the scan, closes the link, leaves no timer. Receipts that wait stay in the outbox. */
  stop(): Promise<void>;
  /** Turns to one touchpoint in sight, also for another tap after one has ended. False where it is not in sight. */
  select(deviceId: string): boolean;
  /** The shopper approves an offer at the touchpoint of the present tap. Never rejects: failures are outcomes. */
  approve(offerId: string): Promise<TapOutcome>;
  /** Ends the present tap. */
  cancel(): void;
  touchpoints(): readonly TouchpointView[];
  /** The tap that goes on, and how far it is; for a screen that opens later than its events. */
  present(): { readonly stage: TapStage; readonly deviceId: string } | undefined;
  /** @returns a function that ends the subscription */
  subscribe(listener: (event: ClientEvent) => void): () => void;
  /** Every event from the call on. */
  events(): AsyncIterableIterator<ClientEvent>;
}

export function createClient(ports: ClientPorts, options: ClientOptions): Client {
  return new PhoneClient(ports, options);
}

type Session = {
  readonly deps: TapDeps;
  readonly scope: Scope;
  readonly stopScan: () => Promise<void>;
  cancelSweep: () => void;
};

class PhoneClient implements Client {
  readonly #ports: ClientPorts;
  readonly #options: ClientOptions;
  readonly #stream: EventStream;
  readonly #server: Server;
  readonly #noncePool: NoncePool;
  readonly #voucherKeys: VoucherKeys;
  readonly #receipts: Receipts;
  readonly #settler: Settler;
  #identity: Promise<Identity> | undefined;
  #session: Session | undefined;
  /** The last start or stop that was asked for. Never rejects. */
  #turn: Promise<void> = Promise.resolve();
  #tap: Tap | undefined;
  /** Chosen by the app: not given up for a closer one. */
  #pinned: string | undefined;
  /** The touchpoint of the last tap, for another approval. */
  #last: string | undefined;
  /** Touchpoints whose tap has ended: not connected to again until they were out of sight or are selected. */
  readonly #served = new Set<string>();

  constructor(ports: ClientPorts, options: ClientOptions) {
    const { clock, crypto, outbox } = ports;
    const { programme } = options;
    this.#ports = ports;
    this.#options = options;
    this.#stream = new EventStream(options.onListenerFault ?? (() => {}));
    this.#server = new Server(ports.http, programme);
    this.#noncePool = new NoncePool(clock, () => this.#server.fetchNonce());
    this.#voucherKeys = new VoucherKeys(crypto, () => this.#server.fetchJwkSet());
    const emit = (event: ClientEvent): void => this.#stream.emit(event);
    const common = { clock, crypto, outbox, server: this.#server, programme, emit };
    this.#receipts = new Receipts({
      ...common,
      onProgress: (progress) => emit({ type: 'receipts', atMs: clock.nowMs(), ...progress }),
    });
    this.#settler = new Settler({ ...common, voucherKeys: this.#voucherKeys });
  }

  async register(): Promise<Identity> {
    const { keyStore, crypto } = this.#ports;
    this.#identity ??= register({ keyStore, server: this.#server, crypto }, this.#options.programme);
    try {
      return await this.#identity;
    } catch (thrown) {
      this.#identity = undefined;
      throw thrown;
    }
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#startNow());
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stopNow());
  }

  /** Starts and stops that overlap would leave a scan or a loop that nobody ends. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #startNow(): Promise<void> {
    if (this.#session !== undefined) return;
    const { radio, clock, crypto, outbox } = this.#ports;
    const identity = await this.register();
    this.#voucherKeys.prefetch();
    this.#noncePool.refill();
    this.#receipts.start();
    this.#settler.start();
    const emit = (event: ClientEvent): void => this.#stream.emit(event);
    const directory = new Directory({
      clock,
      server: this.#server,
      noncePool: this.#noncePool,
      phoneIdHex: identity.phoneIdHex,
      rssiFloorDbm: this.#options.rssiFloorDbm ?? RSSI_FLOOR_DBM_DEFAULT,
      resolveByHello: this.#options.resolveByHello ?? false,
      emit,
    });
    const deps: TapDeps = {
      clock,
      crypto,
      outbox,
      radio,
      identity,
      directory,
      emit,
      server: this.#server,
      noncePool: this.#noncePool,
      voucherKeys: this.#voucherKeys,
      receipts: this.#receipts,
      settler: this.#settler,
      holdMs: this.#options.holdMs ?? LINK_HOLD_MS_DEFAULT,
    };
    emit({ type: 'scanning', atMs: clock.nowMs() });
    try {
      const stopScan = await radio.scan({
        onSighting: (sighting) => this.#onSighting(sighting),
        onError: (error) => this.#onScanError(error),
      });
      this.#session = { deps, scope: new Scope(clock), stopScan, cancelSweep: () => {} };
      this.#sweepLater(this.#session);
    } catch (thrown) {
      await Promise.all([this.#receipts.stop(), this.#settler.stop()]);
      throw thrown;
    }
  }

  async #stopNow(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.cancelSweep();
    session.scope.end(new TapsealError('cancelled'));
    this.#tap?.cancel();
    await this.#tap?.finished;
    await session.stopScan();
    await Promise.all([this.#receipts.stop(), this.#settler.stop()]);
    this.#served.clear();
    this.#pinned = undefined;
    this.#last = undefined;
  }

  select(deviceId: string): boolean {
    const view = this.#session?.deps.directory.view(deviceId);
    if (view === undefined) return false;
    this.#pinned = deviceId;
    this.#served.delete(deviceId);
    if (this.#tap !== undefined && this.#tap.deviceId !== deviceId && !this.#tap.isApproved)
      this.#tap.abandon();
    this.#consider();
    return true;
  }

  approve(offerId: string): Promise<TapOutcome> {
    const over = this.#tap;
    if (over?.isOver === true) {
      // It is still taking in receipts of others: the link is free when it has finished. Selected, since another touchpoint
      // in sight would be next, and the shopper approves at this one.
      this.select(over.deviceId);
      return over.finished.then(() => this.#approveAt(over.deviceId, offerId));
    }
    return this.#approveAt(this.#tap?.deviceId ?? this.#last, offerId);
  }

  #approveAt(deviceId: string | undefined, offerId: string): Promise<TapOutcome> {
    const view = deviceId === undefined ? undefined : this.#session?.deps.directory.view(deviceId);
    const tap = this.#tap ?? (view === undefined ? undefined : this.#begin(view));
    if (tap !== undefined && tap.deviceId === deviceId) return tap.approve(offerId);
    const outcome = failedEvent(new TapsealError('link_lost', 'no touchpoint in sight'), {
      atMs: this.#ports.clock.nowMs(),
      stage: 'scanning',
      granted: false,
      maybeDelivered: false,
      timings: {},
    });
    this.#stream.emit(outcome);
    return Promise.resolve(outcome);
  }

  cancel(): void {
    this.#tap?.cancel();
  }

  touchpoints(): readonly TouchpointView[] {
    return this.#session?.deps.directory.views() ?? [];
  }

  present(): { readonly stage: TapStage; readonly deviceId: string } | undefined {
    const tap = this.#tap;
    return tap === undefined || tap.isOver ? undefined : { stage: tap.stage, deviceId: tap.deviceId };
  }

  subscribe(listener: (event: ClientEvent) => void): () => void {
    return this.#stream.subscribe(listener);
  }

  events(): AsyncIterableIterator<ClientEvent> {
    return this.#stream.iterate();
  }

  #onSighting(sighting: Sighting): void {
    const session = this.#session;
    if (session === undefined) return;
    const { directory } = session.deps;
    directory.see(sighting);
    // Asked for while the radio connects, and also where the app is to pick.
    if (directory.view(sighting.deviceId)?.near === true)
      directory.resolve(sighting.deviceId, session.scope).catch(() => {});
    this.#consider();
  }

  #onScanError(error: TapsealError): void {
    if (this.#session === undefined) return;
    this.#stream.emit(
      failedEvent(error, {
        atMs: this.#ports.clock.nowMs(),
        stage: 'scanning',
        granted: false,
        maybeDelivered: false,
        timings: {},
      }),
    );
  }

  /** Picks the touchpoint for the next tap: the app's choice, or else the strongest above the floor. */
  #consider(): void {
    const session = this.#session;
    if (session === undefined || this.#tap?.isApproved === true || this.#tap?.isOver === true) return;
    const { directory } = session.deps;
    const pinned = this.#pinned === undefined ? undefined : directory.view(this.#pinned);
    const best = pinned ?? this.#strongest(directory.views());
    if (best === undefined || this.#served.has(best.deviceId)) return;
    const tap = this.#tap;
    if (tap === undefined) {
      this.#begin(best);
      return;
    }
    if (tap.deviceId === best.deviceId || this.#pinned === tap.deviceId) return;
    const present = directory.view(tap.deviceId);
    if (present === undefined || best.rssiDbm >= present.rssiDbm + RSSI_SWITCH_DB) tap.abandon();
  }

  #strongest(views: readonly TouchpointView[]): TouchpointView | undefined {
    if (this.#options.autoConnect === false) return undefined;
    let best: TouchpointView | undefined;
    for (const view of views) {
      if (!view.near || this.#served.has(view.deviceId)) continue;
      if (best === undefined || view.rssiDbm > best.rssiDbm) best = view;
    }
    return best;
  }

  #begin(touchpoint: TouchpointView): Tap | undefined {
    const session = this.#session;
    if (session === undefined) return undefined;
    const { deviceId } = touchpoint;
    const tap = new Tap(session.deps, touchpoint, () => {
      this.#served.add(deviceId);
      if (this.#pinned === deviceId) this.#pinned = undefined;
    });
    this.#tap = tap;
    this.#last = deviceId;
    tap.finished.then(() => {
      this.#tap = undefined;
      this.#consider();
    });
    return tap;
  }

  #sweepLater(session: Session): void {
    session.cancelSweep = this.#ports.clock.after(SWEEP_MS, () => {
      if (this.#tap?.hasLink === true) session.deps.directory.touch(this.#tap.deviceId);
      for (const deviceId of session.deps.directory.sweep()) {
        this.#served.delete(deviceId);
        if (this.#pinned === deviceId) this.#pinned = undefined;
      }
      this.#sweepLater(session);
    });
  }
}
