/**
 * Versions of offers that this process has read. A version never changes, so it is read once; whether it is still the newest,
 * and whether the offer is paused, is asked each time.
 */
import type { OfferVersion } from '../../decision/offer.js';
import { BoundedMap } from '../bounded-map.js';
import { offerVersionOf } from '../offer-version-row.js';

const VERSIONS_MAX = 10_000;

export type KnownVersion = { readonly version: OfferVersion; readonly hash: Uint8Array };

type VersionRow = {
  readonly id: string;
  readonly version: number;
  readonly body: string;
  readonly hash: Uint8Array;
};

export class OfferVersions {
  readonly #versions = new BoundedMap<string, KnownVersion>(VERSIONS_MAX);
  readonly #newest = new BoundedMap<string, KnownVersion>(VERSIONS_MAX);

  /** The same object for the same version, so that what is derived from it can be kept. */
  of(programme: string, { id, version, body, hash }: VersionRow): KnownVersion {
    const key = `${programme}/${id}/${version}`;
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const read = { version: offerVersionOf(body), hash };
    this.#versions.set(key, read);
    return read;
  }

  /** As `of`, and to be remembered as the newest of its offer. */
  newest(programme: string, row: VersionRow): KnownVersion {
    const known = this.of(programme, row);
    this.#newest.set(`${programme}/${row.id}`, known);
    return known;
  }

  /** The newest when it was last read. */
  lastSeen(programme: string, id: string): KnownVersion | undefined {
    return this.#newest.get(`${programme}/${id}`);
  }

  forget(programme: string, id: string): void {
    this.#newest.delete(`${programme}/${id}`);
  }
}
