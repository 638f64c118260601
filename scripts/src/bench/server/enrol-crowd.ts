/**
 * Puts boxes, phones and the offer into a store, through the store's own methods and with certificates of the authority: what
 * enrolment and registration leave behind, without thousands of requests.
 */
import type { Authority } from '@tapseal/cert-server/authority/authority';
import { NO_LABELS } from '@tapseal/cert-server/decision/labels';
import type { OfferVersion } from '@tapseal/cert-server/decision/offer';
import { canonicalOffer, offerHash } from '@tapseal/cert-server/decision/offer-hash';
import { manifestSigning } from '@tapseal/cert-server/manifest/sign-manifest';
import { advertWindowAt } from '@tapseal/cert-server/rotation/advert-window';
import type { AuditEntry } from '@tapseal/cert-server/store/records';
import type { Store } from '@tapseal/cert-server/store/store-port';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { phoneIdOf } from '@tapseal/shared/key-id';
import {
  boxAdvertKey,
  boxId,
  boxName,
  boxSigner,
  type Crowd,
  OFFER,
  PROGRAMME,
  phoneSigner,
} from './crowd.js';

/** How many phones are on their way to the store at once. */
const AT_ONCE = 64;
const CODE_MS = 900_000;
const SHOPPER_ID_BYTES = 12;

export type EnrolContext = {
  readonly store: Store;
  readonly authority: Authority;
  readonly crypto: CryptoPort;
  readonly nowMs: number;
};

export const TIME_ZONE = 'Europe/Berlin';
export const CURRENCY = 'EUR';

function audit(nowMs: number, act: string, object: string): AuditEntry {
  return { atMs: nowMs, token: 'bench', act, object };
}

async function enrolBox({ store, authority, crypto, nowMs }: EnrolContext, crowd: Crowd, index: number) {
  const name = boxName(index);
  const id = boxId(crypto, crowd, index);
  const code = { secretHash: crypto.randomBytes(32), expiresAtMs: nowMs + CODE_MS };
  const touchpoint = {
    name,
    title: name,
    place: '',
    labels: NO_LABELS,
    timeZone: undefined,
    createdAtMs: nowMs,
  };
  await store.addTouchpoint(PROGRAMME, touchpoint, code, audit(nowMs, 'touchpoint.add', name));
  const { publicKey } = boxSigner(crypto, crowd, index);
  const certificate = await authority.issueForTouchpoint(
    { programme: PROGRAMME, name, id },
    publicKey,
    nowMs,
  );
  const advertKey = boxAdvertKey(crypto, crowd, index);
  const window = advertWindowAt(crypto, { epoch: 0, advertKey, counterS: 0, seenAtMs: nowMs }, nowMs);
  const box = { id, certificate, enrolledAtMs: nowMs, window };
  if (!(await store.enrolBox(code.secretHash, box, manifestSigning(authority, nowMs)))) {
    throw new Error(`${name} could not be enrolled`);
  }
}

async function registerPhone({ store, authority, crypto, nowMs }: EnrolContext, crowd: Crowd, index: number) {
  const { publicKey } = phoneSigner(crypto, crowd, index);
  const id = phoneIdOf(crypto, publicKey);
  const subject = { unit: 'phone', programme: PROGRAMME, id } as const;
  const certificate = await authority.issueForPhone(subject, publicKey, nowMs);
  const phone = await store.registerPhone(PROGRAMME, {
    id,
    algorithm: publicKey.algorithm,
    certificate,
    certificateFacts: authority.certificates.seal(certificate, subject),
    registeredAtMs: nowMs,
    shopperReference: undefined,
    newShopper: bytesToHex(crypto.randomBytes(SHOPPER_ID_BYTES)),
  });
  if (phone === 'conflict') throw new Error(`phone ${index} could not be registered`);
}

/** Two limits that a venue has: so many in all, so many a day for each shopper. Wide enough that all are granted. */
function benchOffer(crowd: Crowd): OfferVersion {
  return {
    id: OFFER,
    version: 1,
    title: 'Gate',
    touchpoints: Array.from({ length: crowd.boxes }, (_, index) => boxName(index)),
    action: 'open',
    amountMinor: 0,
    currency: CURRENCY,
    timeZone: TIME_ZONE,
    keys: NO_LABELS,
    rules: {
      limits: [{ maximum: 1_000_000_000 }, { maximum: 100_000, per: ['shopper'], period: { unit: 'day' } }],
    },
  };
}

async function addOffer({ store, crypto, nowMs }: EnrolContext, crowd: Crowd): Promise<void> {
  const offer = benchOffer(crowd);
  const canonical = canonicalOffer(offer);
  const version = { offer, canonical, hash: offerHash(crypto, canonical) };
  const outcome = await store.addOffer(PROGRAMME, version, audit(nowMs, 'offer.add', OFFER));
  if (outcome !== 'added') throw new Error(`the offer was not added: ${JSON.stringify(outcome)}`);
}

/**
 * @param context.store holds the programme, and nothing of it
 * @returns the manifest version that boxes have after it
 */
export async function enrolCrowd(context: EnrolContext, crowd: Crowd): Promise<number> {
  for (let index = 0; index < crowd.boxes; index++) await enrolBox(context, crowd, index);
  for (let first = 0; first < crowd.phones; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, crowd.phones - first) }, (_, i) => first + i);
    await Promise.all(indexes.map((index) => registerPhone(context, crowd, index)));
  }
  await addOffer(context, crowd);
  const manifest = await context.store.findManifest(PROGRAMME);
  if (manifest === undefined) throw new Error('the programme has no manifest');
  return manifest.version;
}
