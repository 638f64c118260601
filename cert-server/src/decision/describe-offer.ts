/** The rules of an offer in words that a venue manager understands; also what a refusal names. */
import { limitInWords } from './counters.js';
import type { OfferVersion } from './offer.js';

const dayNames = {
  mon: 'Mondays',
  tue: 'Tuesdays',
  wed: 'Wednesdays',
  thu: 'Thursdays',
  fri: 'Fridays',
  sat: 'Saturdays',
  sun: 'Sundays',
} as const;

type Day = keyof typeof dayNames;
const week = Object.keys(dayNames) as Day[];

function hours({ from, until }: OfferVersion['rules']): string | undefined {
  if (from !== undefined && until !== undefined) return `only from ${from} until ${until}`;
  if (from !== undefined) return `only from ${from}`;
  return until === undefined ? undefined : `only until ${until}`;
}

function days({ weekdays }: OfferVersion['rules']): string | undefined {
  if (weekdays === undefined || weekdays.length === week.length) return undefined;
  const names = week.filter((day) => weekdays.includes(day)).map((day) => dayNames[day]);
  const last = names.pop();
  return `only on ${names.length === 0 ? last : `${names.join(', ')} and ${last}`}`;
}

function phrases(...parts: readonly (string | undefined)[]): string[] {
  return parts.filter((part) => part !== undefined);
}

/** The rule that keeps an offer closed now, at most 120 characters. */
export function describeWindow(
  { rules }: OfferVersion,
  code: 'offer_not_started' | 'offer_ended' | 'window_closed',
): string {
  if (code === 'offer_not_started') return `valid from ${rules.validFrom}`;
  if (code === 'offer_ended') return `valid to ${rules.validTo}`;
  return phrases(hours(rules), days(rules)).join(', ');
}

/** `at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)`. */
export function describeOffer(offer: Pick<OfferVersion, 'rules' | 'timeZone'>): string {
  const { rules, timeZone } = offer;
  const parts = phrases(
    rules.max === undefined ? undefined : `at most ${rules.max} in all`,
    hours(rules),
    days(rules),
    rules.perDay === undefined ? undefined : limitInWords(rules.perDay, 'day'),
    rules.perWeek === undefined ? undefined : limitInWords(rules.perWeek, 'week'),
    rules.perMonth === undefined ? undefined : limitInWords(rules.perMonth, 'month'),
    rules.validFrom === undefined ? undefined : `valid from ${rules.validFrom}`,
    rules.validTo === undefined ? undefined : `valid to ${rules.validTo}`,
  );
  return parts.length === 0 ? 'without limits' : `${parts.join(', ')} (${timeZone})`;
}
