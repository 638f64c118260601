/** Offers, their versions and their limits as the administration interface shows them. */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { compiledLimitsOf } from '../decision/compiled-limits.js';
import type { CounterUsage } from '../decision/counter-usage.js';
import { NOTHING_USED } from '../decision/counter-usage.js';
import { counterQueriesOf, countersOf, totalKey } from '../decision/counters.js';
import { describeOffer } from '../decision/describe-offer.js';
import { type ExplainedLimit, explain } from '../decision/explain.js';
import { NO_LABELS } from '../decision/labels.js';
import type { OfferVersion, Party } from '../decision/offer.js';
import { instantText } from '../store/instant-text.js';
import type { OfferRecord, OfferVersionRecord } from '../store/records.js';
import type { OfferStore } from '../store/store-port.js';
import type {
  LimitView,
  OfferAdminView,
  OfferDetailView,
  OfferVersionDetail,
  OfferVersionView,
} from './offer-schemas.js';
import { optionalInstant } from './optional-fields.js';

function viewVersion(offer: OfferVersion, hash: Uint8Array, createdAtMs: number): OfferVersionView {
  const { id, version, title, touchpoints, action, amountMinor, currency, timeZone, keys, rules } = offer;
  return {
    id,
    version,
    title,
    touchpoints: [...touchpoints],
    action,
    amountMinor,
    currency,
    timeZone,
    keys,
    rules,
    sentence: describeOffer(offer),
    hash: bytesToBase64url(hash),
    createdAt: instantText(createdAtMs),
  };
}

export function viewOfferVersion({ offer, hash, createdAtMs }: OfferVersionRecord): OfferVersionView {
  return viewVersion(offer, hash, createdAtMs);
}

export function viewOfferVersionDetail(record: OfferVersionRecord): OfferVersionDetail {
  return { ...viewOfferVersion(record), canonical: record.canonical };
}

/** With what is held of each, read at once. */
export async function viewOffers(
  store: Pick<OfferStore, 'readCounters'>,
  programme: string,
  records: readonly OfferRecord[],
  nowMs: number,
): Promise<OfferAdminView[]> {
  const keys = records.map(({ offer }) => totalKey(offer.id));
  const queries = keys.map((key) => ({ key }));
  const totals: ReadonlyMap<string, CounterUsage> =
    queries.length === 0 ? new Map() : await store.readCounters(programme, queries, nowMs);
  return records.map(({ offer, hash, paused, granted, createdAtMs }) => ({
    ...viewVersion(offer, hash, createdAtMs),
    paused,
    granted,
    held: (totals.get(totalKey(offer.id)) ?? NOTHING_USED).held,
  }));
}

export function viewLimit({ resetsAtMs, ...limit }: ExplainedLimit): LimitView {
  return { ...limit, ...optionalInstant('resetsAt', resetsAtMs) };
}

const countsEverybody = ({ per = [] }: { readonly per?: readonly string[] }): boolean =>
  per.every((dimension) => dimension.startsWith('key.'));

/** The offer with those limits alone that are the same for everybody, everywhere. */
function withSharedLimits(offer: OfferVersion): OfferVersion {
  const { limits = [], cooldowns = [], stepMinor } = offer.rules;
  return {
    ...offer,
    rules: {
      ...(stepMinor === undefined ? {} : { stepMinor }),
      limits: limits.filter(countsEverybody),
      // Without `per`, a cool-down is for each shopper.
      cooldowns: cooldowns.filter(({ per = ['shopper'] }) => countsEverybody({ per })),
    },
  };
}

const anybody: Party = {
  shopper: '',
  shopperLabels: NO_LABELS,
  touchpoint: '',
  touchpointLabels: NO_LABELS,
};

/** Every limit in its order, and how full those are that count everybody together. */
export async function viewLimits(
  store: Pick<OfferStore, 'readCounters'>,
  programme: string,
  offer: OfferVersion,
  nowMs: number,
): Promise<OfferDetailView['limits']> {
  const shared = withSharedLimits(offer);
  const queries = counterQueriesOf(shared, countersOf(shared, anybody, nowMs));
  const used = await store.readCounters(programme, queries, nowMs);
  const explained = explain(shared, { party: anybody, used }, nowMs).limits.map(viewLimit);
  // Two limits that read the same count the same, which no version may have.
  const byRule = new Map(explained.map(({ rule, of: _of, maximum: _maximum, ...usage }) => [rule, usage]));
  return compiledLimitsOf(offer).map(({ rule, of, maximum }) => {
    const usage = byRule.get(rule);
    return { rule, of, maximum, ...(usage === undefined ? {} : { usage }) };
  });
}
