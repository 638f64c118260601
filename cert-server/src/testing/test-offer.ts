/** For tests only: an offer version with the rules at hand, and a party that asks for it. */

import { makeOfferVersion } from '../decision/make-offer.js';
import type { OfferVersion, Party } from '../decision/offer.js';
import type { CalendarPeriod, Limit, OfferRules, Weekday, Window } from '../decision/offer-rules.js';

/** The rules that nearly every test needs, said briefly. */
export type Shorthand = {
  /** At most so many in all. */
  readonly max?: number | undefined;
  /** So many for each shopper. */
  readonly perDay?: number | undefined;
  readonly perWeek?: number | undefined;
  readonly perMonth?: number | undefined;
  /** Of the one window. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly weekdays?: readonly Weekday[] | undefined;
};

function shopperLimit(maximum: number | undefined, unit: CalendarPeriod['unit']): Limit[] {
  return maximum === undefined ? [] : [{ maximum, per: ['shopper'], period: { unit } }];
}

/** Rules as they are stored, out of rules and shorthands together. */
export function shorthandRules(rules: OfferRules & Shorthand): OfferRules {
  const { max, perDay, perWeek, perMonth, from, until, weekdays, ...stored } = rules;
  const limits: Limit[] = [
    ...(max === undefined ? [] : [{ maximum: max }]),
    ...shopperLimit(perDay, 'day'),
    ...shopperLimit(perWeek, 'week'),
    ...shopperLimit(perMonth, 'month'),
    ...(stored.limits ?? []),
  ];
  const window: Window = {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(weekdays === undefined ? {} : { weekdays: [...weekdays] }),
  };
  const windows = [...(Object.keys(window).length === 0 ? [] : [window]), ...(stored.windows ?? [])];
  return {
    ...stored,
    ...(limits.length === 0 ? {} : { limits }),
    ...(windows.length === 0 ? {} : { windows }),
  };
}

/** An offer in the words of `shorthandRules`; `more` overrules what else it is. */
export function testOffer(
  rules: OfferRules & Shorthand,
  timeZone = 'Europe/Berlin',
  more: Partial<OfferVersion> = {},
): OfferVersion {
  return makeOfferVersion({
    id: 'offer',
    version: 1,
    title: 'Offer',
    touchpoints: ['lobby-1'],
    action: 'open',
    amountMinor: 0,
    currency: 'EUR',
    timeZone,
    keys: {},
    rules: shorthandRules(rules),
    ...more,
  });
}

/** A shopper without labels at a touchpoint without labels. */
export function testParty(shopper = 's1', more: Partial<Party> = {}): Party {
  return { shopper, shopperLabels: {}, touchpoint: 'lobby-1', touchpointLabels: {}, ...more };
}
