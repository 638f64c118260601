/** Steps 8 to 11, inside the store's write: box nonce, offer, windows, limits. Pure: the same facts give the same decision. */
import { counterQueriesOf, countersOf } from '../decision/counters.js';
import { decide } from '../decision/decide.js';
import type { Party } from '../decision/offer.js';
import type { DecisionFields, RefusalRecord } from '../store/records.js';
import type { RedeemFacts, RedeemOutcome, RedeemPlan } from '../store/store-port.js';
import { checkBoxNonce } from './check-box-nonce.js';
import { checkOffer } from './check-offer.js';

/** What the steps before have established. */
export type Asked = Omit<DecisionFields, 'offerVersion' | 'offerHash' | 'manifestVersion'> & {
  readonly party: Party;
};

/** @throws TapsealError box_nonce_used */
export function makeDecision(asked: Asked, facts: RedeemFacts): RedeemOutcome {
  // One by one, and what comes later is added to this very object: V8 takes 7 µs, and 2 KB that only a full collection frees, to
  // spread an object of this size into another.
  const fields: DecisionFields = {
    transactionId: asked.transactionId,
    requestHash: asked.requestHash,
    phoneId: asked.phoneId,
    shopper: asked.shopper,
    boxId: asked.boxId,
    touchpoint: asked.touchpoint,
    boxNonce: asked.boxNonce,
    offer: asked.offer,
    offerVersion: facts.offer?.version.version ?? 0,
    offerHash: facts.offer?.hash,
    amountMinor: asked.amountMinor,
    decidedAtMs: asked.decidedAtMs,
    manifestVersion: facts.manifestVersion,
    receiptsThrough: asked.receiptsThrough,
    boxManifestVersion: asked.boxManifestVersion,
    voucherKeyId: asked.voucherKeyId,
  };
  const refuse = (why: Pick<RefusalRecord, 'code' | 'rule' | 'used' | 'maximum' | 'resetsAtMs'>) => ({
    decision: Object.assign(fields, { granted: false as const, ...why }),
    increments: [],
  });

  checkBoxNonce(facts);
  const verdict = checkOffer(facts.offer, asked);
  if (!verdict.accepted) {
    const { code, rule } = verdict;
    return refuse({ code, rule, used: 0, maximum: 0, resetsAtMs: undefined });
  }
  const outcome = decide(verdict.offer, { party: asked.party, used: facts.used }, asked.decidedAtMs);
  if (!outcome.granted) {
    const { code, rule, used, maximum, resetsAtMs } = outcome;
    return refuse({ code, rule, used, maximum, resetsAtMs });
  }
  const { awardedMinor, holdEndsAtMs, increments } = outcome;
  const { action } = verdict.offer;
  const grant = { granted: true as const, action, awardedMinor, holdEndsAtMs };
  return { decision: Object.assign(fields, grant), increments };
}

export function redeemPlan(asked: Asked): RedeemPlan {
  return {
    counters: (offer) => counterQueriesOf(offer, countersOf(offer, asked.party, asked.decidedAtMs)),
    decide: (facts) => makeDecision(asked, facts),
  };
}
