/** Offers of a simulated world, with any rules that the schema allows and that are soon full. */
import type { OfferVersion } from '../decision/offer.js';
import type { Cooldown, Limit, OfferRules } from '../decision/offer-rules.js';
import type { Chance } from './chance.js';

export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Pacific/Auckland',
] as const;
export const MERCHANTS = ['cafe', 'kiosk'] as const;
export const TIERS = ['gold', 'silver'] as const;
const CAMPAIGNS = ['summer', 'winter'] as const;

const dimensions = [
  'shopper',
  'shopper',
  'touchpoint',
  'touchpoint.merchant',
  'touchpoint.merchant=cafe',
  'shopper.tier',
  'shopper.tier=gold',
  'key.campaign',
  'key.campaign=summer',
] as const;

/** Some for each of the amounts that offers have. */
const amountSteps = [1, 10, 25, 27, 37, 50, 100, 111, 250, 333] as const;

const MINUTE_S = 60;
const DAY_S = 86_400;
const rollingSeconds = [MINUTE_S, 10 * MINUTE_S, 3_600, DAY_S, 7 * DAY_S] as const;

function randomPer(chance: Chance): { per?: string[] } {
  const per = new Set<string>();
  for (let count = chance.pick([0, 1, 1, 1, 2, 3]); count > 0; count--) per.add(chance.pick(dimensions));
  return per.size === 0 ? {} : { per: [...per] };
}

function randomPeriod(chance: Chance): Pick<Limit, 'period'> {
  if (chance.often(0.35)) return {};
  if (chance.often(0.5)) return { period: { rollingS: chance.pick(rollingSeconds) } };
  const unit = chance.pick(['day', 'day', 'week', 'month', 'year'] as const);
  return {
    period: {
      unit,
      ...(chance.often(0.3) ? { every: chance.whole(2, 4) } : {}),
      ...(unit === 'week' && chance.often(0.4) ? { weekStart: 'sun' as const } : {}),
      ...(chance.often(0.2) ? { from: '2026-03-01' } : {}),
    },
  };
}

function randomLimit(chance: Chance, amountMinor: number): Limit {
  const place = { ...randomPer(chance), ...randomPeriod(chance) };
  if (chance.often(0.6)) return { maximum: chance.whole(1, 6), ...place };
  // Budgets for a few grants, that often end between two of them.
  const maximum = Math.max(
    1,
    Math.floor(amountMinor * chance.whole(1, 5) - (chance.often(0.5) ? amountMinor / 3 : 0)),
  );
  return { maximum, of: 'amount', ...place, ...(chance.often(0.5) ? { partial: true } : {}) };
}

function randomCooldown(chance: Chance): Cooldown {
  return { seconds: chance.pick([30, 10 * MINUTE_S, 7_200]), ...randomPer(chance) };
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** Counted over all the offers that have it. */
export function randomCampaignLimit(chance: Chance): Limit {
  const per = ['key.campaign', ...(chance.often(0.3) ? ['shopper'] : [])];
  return { maximum: chance.whole(2, 6), per, ...randomPeriod(chance) };
}

function randomRules(chance: Chance, amountMinor: number, shared: Limit | undefined): OfferRules {
  const cooldowns = times(chance.pick([0, 0, 1, 2]), () => randomCooldown(chance));
  const limits = times(chance.whole(0, 4), () => randomLimit(chance, amountMinor));
  const steps = amountSteps.filter((step) => amountMinor % step === 0);
  return {
    limits: shared !== undefined && chance.often(0.6) ? [...limits, shared] : limits,
    ...(chance.often(0.5) ? { stepMinor: chance.pick(steps) } : {}),
    ...(cooldowns.length === 0 ? {} : { cooldowns }),
    ...(chance.often(0.45)
      ? { spend: { when: 'confirmed', holdS: chance.pick([120, 900, 3_600, DAY_S, 30 * DAY_S]) } }
      : {}),
  };
}

/** @param shared a limit that other offers may have as well */
export function randomOffer(
  chance: Chance,
  id: string,
  touchpoints: readonly string[],
  shared?: Limit,
): OfferVersion {
  const amountMinor = chance.pick([0, 100, 250, 999]);
  return {
    id,
    version: 1,
    title: id,
    touchpoints: chance.some(touchpoints, chance.whole(1, touchpoints.length)),
    action: 'open',
    amountMinor,
    currency: 'EUR',
    timeZone: chance.pick(ZONES),
    keys: chance.often(0.7) ? { campaign: chance.pick(CAMPAIGNS) } : {},
    rules: randomRules(chance, amountMinor, shared),
  };
}

function changedMaxima(chance: Chance, rules: OfferRules): OfferRules {
  const factor = chance.pick([0.5, 0.5, 2, 3]);
  const limits = (rules.limits ?? []).map((limit) => ({
    ...limit,
    maximum: Math.max(1, Math.floor(limit.maximum * factor)),
  }));
  return { ...rules, limits };
}

/** The next version: most often other maxima, sometimes other rules, another amount or other places. */
export function changedOffer(
  chance: Chance,
  offer: OfferVersion,
  touchpoints: readonly string[],
): OfferVersion {
  const next = { ...offer, version: offer.version + 1 };
  if (chance.often(0.6)) return { ...next, rules: changedMaxima(chance, offer.rules) };
  const { amountMinor, rules, touchpoints: places, keys } = randomOffer(chance, offer.id, touchpoints);
  if (chance.often(0.5)) return { ...next, rules: randomRules(chance, offer.amountMinor, undefined) };
  return { ...next, amountMinor, rules, touchpoints: places, keys };
}
