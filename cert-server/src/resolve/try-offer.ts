/** What a redemption of an offer would get now, without counting: the decision itself, on counters that are only read. */
import type { OfferView } from '@tapseal/shared/http-api';
import { counterQueriesOf, countersOf } from '../decision/counters.js';
import { decide, type Verdict } from '../decision/decide.js';
import type { Party } from '../decision/offer.js';
import type { ServerContext } from '../server-context.js';
import { instantText } from '../store/instant-text.js';
import type { OfferRecord } from '../store/records.js';

export type Trial = {
  /** As anybody may see it: by which rule it is closed and until when, and not how full that rule is. */
  readonly view: OfferView;
  /** Undefined where the offer is paused. */
  readonly verdict: Verdict | undefined;
};

export async function tryOffer(
  { store }: Pick<ServerContext, 'store'>,
  programme: string,
  { offer, paused }: OfferRecord,
  party: Party,
  nowMs: number,
): Promise<Trial> {
  const view = {
    id: offer.id,
    title: offer.title,
    action: offer.action,
    amountMinor: offer.amountMinor,
    currency: offer.currency,
  };
  if (paused) return { view: { ...view, open: false, code: 'offer_paused' }, verdict: undefined };
  const queries = counterQueriesOf(offer, countersOf(offer, party, nowMs));
  const used = await store.readCounters(programme, queries, nowMs);
  const verdict = decide(offer, { party, used }, nowMs);
  if (verdict.granted) return { view: { ...view, open: true }, verdict };
  const { code, rule, resetsAtMs } = verdict;
  const resetsAt = resetsAtMs === undefined ? {} : { resetsAt: instantText(resetsAtMs) };
  return { view: { ...view, open: false, code, rule, ...resetsAt }, verdict };
}
