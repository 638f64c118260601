/** What a redemption would get now, and why: every limit with what is used, held and left. Nothing is counted. */
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import { counterQueriesOf, countersOf } from '../decision/counters.js';
import type { Verdict } from '../decision/decide.js';
import { describeOffer } from '../decision/describe-offer.js';
import { explain } from '../decision/explain.js';
import { NO_LABELS } from '../decision/labels.js';
import { isOfferedAt, type Party, timeZoneOf } from '../decision/offer.js';
import { instantText } from '../store/instant-text.js';
import type { OfferRecord, ShopperRecord, TouchpointRecord } from '../store/records.js';
import type { App, RouteParts } from './app-types.js';
import { requireRight } from './authorise.js';
import { Explanation, ExplanationQuery } from './offer-schemas.js';
import { viewLimit } from './offer-views.js';
import { optionalInstant, optionalText } from './optional-fields.js';
import { problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams } from './programme-parameter.js';
import { type Unfit, unfitBox } from './standing.js';

const Params = Type.Object({ ...ProgrammeParams.properties, id: Name });

function partyAt(touchpoint: TouchpointRecord, shopper: ShopperRecord | undefined): Party {
  return {
    // No id of a shopper is empty: stands for somebody who has redeemed nothing.
    shopper: shopper?.id ?? '',
    shopperLabels: shopper?.labels ?? NO_LABELS,
    touchpoint: touchpoint.name,
    touchpointLabels: touchpoint.labels,
    ...(touchpoint.timeZone === undefined ? {} : { touchpointTimeZone: touchpoint.timeZone }),
  };
}

function viewVerdict(verdict: Verdict, unfit: Unfit | undefined, paused: boolean): Explanation['verdict'] {
  // Before the rules, and in the order of a redemption.
  if (unfit !== undefined) return { granted: false, ...unfit };
  if (paused) return { granted: false, code: 'offer_paused', rule: 'the offer is paused' };
  if (verdict.granted) {
    const { awardedMinor, holdEndsAtMs } = verdict;
    return { granted: true, awardedMinor, ...optionalInstant('holdEndsAt', holdEndsAtMs) };
  }
  const { code, rule, used, maximum, resetsAtMs } = verdict;
  return { granted: false, code, rule, used, maximum, ...optionalInstant('resetsAt', resetsAtMs) };
}

export function explanationRoute(app: App, { context }: RouteParts): void {
  const { store, authority, now } = context;

  const findShopper = async (programme: string, id: string): Promise<ShopperRecord> => {
    const shopper = await store.findShopper(programme, id);
    if (shopper === undefined) throw new TapsealError('shopper_unknown');
    return shopper;
  };
  const findTouchpoint = async (
    programme: string,
    { offer }: OfferRecord,
    name: string,
  ): Promise<TouchpointRecord> => {
    const touchpoint = await store.findTouchpoint(programme, name);
    if (touchpoint === undefined) throw new TapsealError('touchpoint_unknown', name);
    if (!isOfferedAt(offer, name)) throw new TapsealError('offer_not_here', name);
    return touchpoint;
  };

  app.get(
    `${PROGRAMME_PATH}/offers/:id/explanation`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags: ['offers'],
        security: [{ token: [] }],
        summary: 'What a shopper would get now at a touchpoint, and how full each limit is; counts nothing',
        params: Params,
        querystring: ExplanationQuery,
        response: {
          200: Explanation,
          ...problems(
            'body_invalid',
            'offer_unknown',
            'offer_not_here',
            'touchpoint_unknown',
            'shopper_unknown',
            ...tokenProblems,
          ),
        },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const record = await store.findOffer(programme, id);
      if (record === undefined) throw new TapsealError('offer_unknown', id);
      const { offer, paused } = record;
      const { shopper: shopperId, touchpoint: name = offer.touchpoints[0] ?? '' } = request.query;
      const touchpoint = await findTouchpoint(programme, record, name);
      const shopper = shopperId === undefined ? undefined : await findShopper(programme, shopperId);
      const party = partyAt(touchpoint, shopper);
      const nowMs = now();
      const queries = counterQueriesOf(offer, countersOf(offer, party, nowMs));
      const used = await store.readCounters(programme, queries, nowMs);
      const { verdict, window, limits } = explain(offer, { party, used }, nowMs);
      const { open, sentence: hours, resetsAtMs } = window;
      return {
        offer: offer.id,
        version: offer.version,
        sentence: describeOffer(offer),
        amountMinor: offer.amountMinor,
        currency: offer.currency,
        at: instantText(nowMs),
        ...optionalText('shopper', shopper?.id),
        shopperLabels: party.shopperLabels,
        touchpoint: touchpoint.name,
        touchpointLabels: touchpoint.labels,
        timeZone: timeZoneOf(offer, party),
        verdict: viewVerdict(verdict, unfitBox(authority, programme, touchpoint.box, nowMs), paused),
        window: { open, sentence: hours, ...optionalInstant('resetsAt', resetsAtMs) },
        limits: limits.map(viewLimit),
      };
    },
  );
}
