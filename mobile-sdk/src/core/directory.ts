/**
 * The touchpoints in sight: how strong they are, and what the server says they are. An answer is kept for one rotating ID; a
 * new one, or an old answer, is asked for again.
 */
import { ROTATING_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToBase64url, equalBytes } from '@tapseal/shared/bytes';
import type { TapsealError } from '@tapseal/shared/tapseal-error';
import type { ClientEvent, TouchpointView } from './events.js';
import {
  LOST_MS,
  RESOLVE_MS_MAX,
  RESOLVE_PAUSE_MS,
  RESOLVED_AGE_MS_MAX,
  RSSI_STEP_DB,
  TOUCHPOINTS_MAX,
} from './limits.js';
import type { NoncePool } from './nonce-pool.js';
import type { Clock, Sighting } from './ports.js';
import { withNetworkRetries } from './retry.js';
import { asTapsealError, type Scope } from './scope.js';
import type { Resolved, Server } from './server.js';

type Entry = {
  view: TouchpointView;
  seenMs: number;
  /** As of the last `seen` event. */
  toldRssiDbm: number;
  advert: Uint8Array | undefined;
  /** The rotating ID that the answer, or the refusal to answer, is for. */
  askedFor: Uint8Array | undefined;
  resolvedMs: number | undefined;
  /** True where the server does not know the advert: only a hello tells. */
  unknown: boolean;
  asking: Promise<boolean> | undefined;
  /** Why the last question failed, and until when that stands. */
  failure: { readonly error: TapsealError; readonly untilMs: number } | undefined;
};

export type DirectoryDeps = {
  readonly clock: Clock;
  readonly server: Pick<Server, 'resolve'>;
  readonly noncePool: Pick<NoncePool, 'offer'>;
  readonly phoneIdHex: string;
  readonly rssiFloorDbm: number;
  /** Never asks by advert: for platforms that hide it. */
  readonly resolveByHello: boolean;
  emit(event: ClientEvent): void;
};

export class Directory {
  readonly #deps: DirectoryDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(deps: DirectoryDeps) {
    this.#deps = deps;
  }

  views(): TouchpointView[] {
    return [...this.#entries.values()].map((entry) => entry.view);
  }

  view(deviceId: string): TouchpointView | undefined {
    return this.#entries.get(deviceId)?.view;
  }

  see(sighting: Sighting): void {
    const { clock, rssiFloorDbm, emit } = this.#deps;
    const { deviceId, rssiDbm } = sighting;
    const near = rssiDbm >= rssiFloorDbm;
    const atMs = clock.nowMs();
    const known = this.#entries.get(deviceId);
    if (known === undefined && this.#entries.size >= TOUCHPOINTS_MAX) return;
    const entry: Entry = known ?? {
      view: { deviceId, rssiDbm, near },
      seenMs: atMs,
      toldRssiDbm: Number.NEGATIVE_INFINITY,
      advert: undefined,
      askedFor: undefined,
      resolvedMs: undefined,
      unknown: false,
      asking: undefined,
      failure: undefined,
    };
    this.#entries.set(deviceId, entry);
    entry.seenMs = atMs;
    entry.advert = sighting.advert ?? entry.advert;
    const crossed = entry.view.near !== near;
    entry.view = { ...entry.view, rssiDbm, near };
    if (known !== undefined && !crossed && Math.abs(rssiDbm - entry.toldRssiDbm) < RSSI_STEP_DB) return;
    entry.toldRssiDbm = rssiDbm;
    emit({ type: 'seen', atMs, touchpoint: entry.view });
  }

  /** A touchpoint with a link does not advertise, and is not gone. */
  touch(deviceId: string): void {
    const entry = this.#entries.get(deviceId);
    if (entry !== undefined) entry.seenMs = this.#deps.clock.nowMs();
  }

  /** Forgets what has been silent for long. @returns the ids of those */
  sweep(): string[] {
    const { clock, emit } = this.#deps;
    const atMs = clock.nowMs();
    const lost: string[] = [];
    for (const [deviceId, entry] of this.#entries) {
      if (atMs - entry.seenMs < LOST_MS) continue;
      this.#entries.delete(deviceId);
      lost.push(deviceId);
      emit({ type: 'lost', atMs, touchpoint: entry.view });
    }
    return lost;
  }

  /** Drops the answer, so that the next `resolve` asks again: a grant has changed what is open. */
  expire(deviceId: string): void {
    const entry = this.#entries.get(deviceId);
    if (entry !== undefined) entry.resolvedMs = undefined;
  }

  /**
   * Asks what a touchpoint is, by its advert.
   * @returns false where the advert is hidden or unknown to the server, so that only a hello can tell
   * @throws TapsealError network_unavailable, or the code of another problem
   */
  resolve(deviceId: string, scope: Scope): Promise<boolean> {
    const entry = this.#entries.get(deviceId);
    const advert = entry?.advert;
    if (entry === undefined || advert === undefined || this.#deps.resolveByHello)
      return Promise.resolve(false);
    const rotatingId = advert.subarray(0, ROTATING_ID_BYTES);
    const same = entry.askedFor !== undefined && equalBytes(entry.askedFor, rotatingId);
    if (same && entry.unknown) return Promise.resolve(false);
    if (same && entry.asking !== undefined) return entry.asking;
    const ageMs = this.#deps.clock.nowMs() - (entry.resolvedMs ?? Number.NEGATIVE_INFINITY);
    if (same && ageMs < RESOLVED_AGE_MS_MAX) return Promise.resolve(true);
    const { failure } = entry;
    if (same && failure !== undefined && this.#deps.clock.nowMs() < failure.untilMs)
      return Promise.reject(failure.error);
    entry.askedFor = rotatingId.slice();
    entry.unknown = false;
    entry.failure = undefined;
    const asking = this.#ask(entry, advert, scope).finally(() => {
      if (entry.asking === asking) entry.asking = undefined;
    });
    entry.asking = asking;
    return asking;
  }

  /** Takes an answer that came by hello. */
  learn(deviceId: string, resolved: Resolved): void {
    const entry = this.#entries.get(deviceId);
    if (entry !== undefined) this.#take(entry, resolved);
  }

  async #ask(entry: Entry, advert: Uint8Array, scope: Scope): Promise<boolean> {
    const { clock, server, phoneIdHex } = this.#deps;
    try {
      const resolved = await withNetworkRetries(clock, scope, RESOLVE_MS_MAX, () =>
        server.resolve({ advert: bytesToBase64url(advert), phoneId: phoneIdHex }),
      );
      this.#take(entry, resolved);
      return true;
    } catch (thrown) {
      const error = asTapsealError(thrown);
      entry.unknown = error.code === 'advert_unknown';
      if (entry.unknown) return false;
      entry.failure = { error, untilMs: clock.nowMs() + RESOLVE_PAUSE_MS };
      throw error;
    }
  }

  #take(entry: Entry, resolved: Resolved): void {
    const { clock, noncePool, emit } = this.#deps;
    noncePool.offer(resolved.nonce);
    entry.resolvedMs = clock.nowMs();
    entry.view = { ...entry.view, ...resolved.touchpoint, offers: resolved.offers };
    emit({ type: 'resolved', atMs: clock.nowMs(), touchpoint: entry.view });
  }
}
