/** A world from a seed: touchpoints, shoppers and offers, in a programme of its own, put on record. */
import { createHash } from 'node:crypto';
import { utf8 } from '@tapseal/shared/bytes';
import type { OfferVersion } from '../decision/offer.js';
import { hashedOffer } from '../decision/offer-hash.js';
import type { AuditEntry } from '../store/records.js';
import type { ManifestSigning, NewOfferVersion, Store } from '../store/store-port.js';
import type { Chance } from './chance.js';
import { MERCHANTS, randomCampaignLimit, randomOffer, TIERS, ZONES } from './random-offer.js';
import { SimulatedBox } from './simulated-box.js';

export type SimulatedShopper = {
  /** Of the one phone, 16 bytes. */
  readonly phoneId: Uint8Array;
  readonly shopper: string;
  labels: Readonly<Record<string, string>>;
};

export type SimulatedWorld = {
  readonly programme: string;
  readonly boxes: readonly SimulatedBox[];
  readonly shoppers: readonly SimulatedShopper[];
  readonly startMs: number;
};

/** Around both changes of the clocks of the north and the south, a leap day, and the turn of a year with 53 weeks. */
const starts = [
  '2026-03-28T20:00:00Z',
  '2026-10-24T21:30:00Z',
  '2026-04-04T12:00:00Z',
  '2026-09-26T11:00:00Z',
  '2028-02-28T23:00:00Z',
  '2026-12-31T09:00:00Z',
  '2026-06-10T08:30:00Z',
] as const;

export function auditOf(atMs: number, object: string): AuditEntry {
  return { atMs, token: 'simulation', act: 'simulate', object };
}

export const sha256 = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(bytes).digest());

const signing: ManifestSigning = (_programme, newestVersion) => ({
  version: newestVersion + 1,
  bytes: Uint8Array.of(newestVersion + 1),
});

const hashes = new WeakMap<OfferVersion, Uint8Array>();

export function newVersionOf(offer: OfferVersion): NewOfferVersion {
  const version = hashedOffer({ sha256 }, offer);
  hashes.set(offer, version.hash);
  return version;
}

/** Of a version that is on record. */
export function hashOf(offer: OfferVersion): Uint8Array {
  return hashes.get(offer) ?? newVersionOf(offer).hash;
}

/** Labels that some have and some have not. */
export function randomLabels<Value extends string>(
  chance: Chance,
  label: string,
  values: readonly Value[],
): Readonly<Record<string, string>> {
  return chance.often(0.75) ? { [label]: chance.pick(values) } : {};
}

async function addBox(store: Store, programme: string, chance: Chance, box: SimulatedBox, nowMs: number) {
  const { name, labels, timeZone } = box;
  const secretHash = sha256(utf8(`${programme}/${name}`));
  const touchpoint = { name, title: name, place: '', labels, timeZone, createdAtMs: nowMs };
  const code = { secretHash, expiresAtMs: nowMs + 1_000 };
  await store.addTouchpoint(programme, touchpoint, code, auditOf(nowMs, name));
  const anchor = { epoch: 0, advertKey: chance.bytes(32), counterS: 0, seenAtMs: nowMs };
  const window = { anchor, ids: [], refreshAtMs: undefined };
  const enrolled = { id: box.id, certificate: chance.bytes(4), enrolledAtMs: nowMs, window };
  if (!(await store.enrolBox(secretHash, enrolled, signing))) throw new Error(`${name}: not enrolled`);
}

async function addShopper(store: Store, programme: string, one: SimulatedShopper, nowMs: number) {
  const { phoneId, shopper, labels } = one;
  await store.registerPhone(programme, {
    id: phoneId,
    algorithm: 'Ed25519',
    certificate: phoneId.slice(0, 4),
    registeredAtMs: nowMs,
    shopperReference: undefined,
    newShopper: shopper,
  });
  await store.labelShopper(programme, shopper, labels, auditOf(nowMs, shopper));
}

/** Draws a world and puts it on record. @returns it, and its offers as they begin */
export async function makeWorld(
  store: Store,
  chance: Chance,
  programme: string,
): Promise<{ world: SimulatedWorld; offers: readonly OfferVersion[] }> {
  const startMs = Date.parse(chance.pick(starts)) + chance.whole(0, 7_200_000);
  const boxes = Array.from({ length: chance.whole(1, 3) }, (_, i) => {
    const timeZone = chance.often(0.4) ? chance.pick(ZONES) : undefined;
    return new SimulatedBox(
      `box-${i + 1}`,
      chance.bytes(8),
      randomLabels(chance, 'merchant', MERCHANTS),
      timeZone,
    );
  });
  const shoppers = Array.from({ length: chance.whole(2, 5) }, (_, i) => ({
    phoneId: chance.bytes(16),
    shopper: `shopper-${i + 1}`,
    labels: randomLabels(chance, 'tier', TIERS),
  }));
  const names = boxes.map(({ name }) => name);
  const shared = chance.often(0.5) ? randomCampaignLimit(chance) : undefined;
  const offers = Array.from({ length: chance.whole(1, 3) }, (_, i) =>
    randomOffer(chance, `offer-${i + 1}`, names, shared),
  );

  const record = {
    id: programme,
    title: programme,
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    createdAtMs: startMs,
  };
  await store.addProgramme(record, signing, auditOf(startMs, programme));
  for (const box of boxes) await addBox(store, programme, chance, box, startMs);
  for (const shopper of shoppers) await addShopper(store, programme, shopper, startMs);
  for (const offer of offers)
    await store.addOffer(programme, newVersionOf(offer), auditOf(startMs, offer.id));
  return { world: { programme, boxes, shoppers, startMs }, offers };
}
