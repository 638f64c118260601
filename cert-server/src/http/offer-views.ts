/** Offers, their versions and their limits as the administration interface shows them. */
import { isDeepStrictEqual } from 'node:util';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { compiledLimitsOf } from '../decision/compiled-limits.js';
import type { CounterUsage } from '../decision/counter-usage.js';
import { NOTHING_USED } from '../decision/counter-usage.js';
import { counterQueriesOf, countersOf, totalKey } from '../decision/counters.js';
import { describeOffer } from '../decision/describe-offer.js';
import { type ExplainedLimit, explain } from '../decision/explain.js';
import { NO_LABELS } from '../decision/labels.js';
import { isOfferedAt, type OfferVersion, type Party } from '../decision/offer.js';
import { instantText } from '../store/instant-text.js';
import type { OfferRecord, OfferVersionRecord } from '../store/records.js';
import type { OfferStore, TouchpointStore } from '../store/store-port.js';
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

/** With what is granted and held of each, read at once. */
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
  return records.map(({ offer, hash, paused, createdAtMs }) => {
    // And not those of the record, which have what is held until the store has swept it: here its time may be over.
    const { used, held } = totals.get(totalKey(offer.id)) ?? NOTHING_USED;
    return { ...viewVersion(offer, hash, createdAtMs), paused, granted: used + held, held };
  });
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

/** The zones of its touchpoints, each once: in which its days and hours are. */
async function zonesOf(
  store: Pick<TouchpointStore, 'listTouchpoints'>,
  programme: string,
  offer: OfferVersion,
): Promise<readonly string[]> {
  const zones = (await store.listTouchpoints(programme))
    .filter(({ name }) => isOfferedAt(offer, name))
    .map(({ timeZone = offer.timeZone }) => timeZone);
  return [...new Set(zones)].sort();
}

type LimitsView = Pick<OfferDetailView, 'limits' | 'timeZones'>;
type UsageView = NonNullable<LimitsView['limits'][number]['usage']>;

/** By their rule: no version has two limits that read the same. */
async function measureIn(
  store: Pick<OfferStore, 'readCounters'>,
  programme: string,
  shared: OfferVersion,
  touchpointTimeZone: string,
  nowMs: number,
): Promise<ReadonlyMap<string, UsageView>> {
  const party = { ...anybody, touchpointTimeZone };
  const queries = counterQueriesOf(shared, countersOf(shared, party, nowMs));
  const used = await store.readCounters(programme, queries, nowMs);
  const { limits } = explain(shared, { party, used }, nowMs);
  return new Map(
    limits.map(viewLimit).map(({ rule, of: _of, maximum: _maximum, ...usage }) => [rule, usage]),
  );
}

/**
 * Every limit in its order, and how full those are that count everybody together. Touchpoints in different zones are in different
 * periods of the calendar: what they do not agree about is left out.
 */
export async function viewLimits(
  store: Pick<OfferStore, 'readCounters'> & Pick<TouchpointStore, 'listTouchpoints'>,
  programme: string,
  offer: OfferVersion,
  nowMs: number,
): Promise<LimitsView> {
  const shared = withSharedLimits(offer);
  const timeZones = await zonesOf(store, programme, offer);
  const [first, ...others] = await Promise.all(
    timeZones.map((zone) => measureIn(store, programme, shared, zone, nowMs)),
  );
  const limits = compiledLimitsOf(offer).map(({ sentence: rule, of, maximum }) => {
    const usage = first?.get(rule);
    const isSame = others.every((measured) => isDeepStrictEqual(measured.get(rule), usage));
    return { rule, of, maximum, ...(usage === undefined || !isSame ? {} : { usage }) };
  });
  return { timeZones: [...timeZones], limits };
}
