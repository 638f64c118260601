/** Steps 8 to 11, inside the store's write: box nonce, offer, windows, limits. Pure: the same facts give the same decision. */
import { countersOf } from '../decision/counters.js';
import { decide } from '../decision/decide.js';
import type { OfferVersion } from '../decision/offer.js';
import type { Decision, Grant, RefusalRecord } from '../store/records.js';
import type { CounterIncrement, RedeemFacts, RedeemPlan } from '../store/store-port.js';
import { checkBoxNonce } from './check-box-nonce.js';
import { checkOffer } from './check-offer.js';

/** What the steps before have established. */
export type Asked = Pick<
  Grant,
  | 'transactionId'
  | 'requestHash'
  | 'phoneId'
  | 'shopper'
  | 'boxId'
  | 'touchpoint'
  | 'boxNonce'
  | 'offer'
  | 'amountMinor'
  | 'decidedAtMs'
  | 'boxManifestVersion'
  | 'voucherKeyId'
>;

/** @throws TapsealError box_nonce_used */
export function makeDecision(
  asked: Asked,
  facts: RedeemFacts,
): { decision: Decision; increments: readonly CounterIncrement[] } {
  const { manifestVersion, receiptsThrough } = facts;
  const fields = {
    ...asked,
    manifestVersion,
    receiptsThrough,
    offerVersion: facts.offer?.version.version ?? 0,
  };
  const refuse = (why: Pick<RefusalRecord, 'code' | 'rule' | 'used' | 'maximum' | 'resetsAtMs'>) => ({
    decision: { ...fields, granted: false as const, ...why },
    increments: [],
  });

  checkBoxNonce(facts);
  const verdict = checkOffer(facts.offer, asked);
  if (!verdict.accepted) {
    const { code, rule } = verdict;
    return refuse({ code, rule, used: 0, maximum: 0, resetsAtMs: undefined });
  }
  const outcome = decide(verdict.offer, { shopper: asked.shopper, used: facts.used }, asked.decidedAtMs);
  if (!outcome.granted) {
    const { code, rule, used, maximum, resetsAtMs } = outcome;
    return refuse({ code, rule, used, maximum, resetsAtMs });
  }
  return {
    decision: { ...fields, granted: true, action: verdict.offer.action },
    increments: outcome.increments,
  };
}

export function redeemPlan(asked: Asked): RedeemPlan {
  return {
    counterKeys: (offer: OfferVersion) =>
      countersOf(offer, asked.shopper, asked.decidedAtMs).map((counter) => counter.key),
    decide: (facts) => makeDecision(asked, facts),
  };
}
