/** Windows, exceptions and validity in words that a venue manager understands; what a refusal names fits into one. */
import { fitRule } from './fit-rule.js';
import { nameHolidays } from './holidays.js';
import { listInWords } from './list-in-words.js';
import type { OfferVersion } from './offer.js';
import type { DateRange, Exception, Holidays, OfferRules, Weekday, Window } from './offer-rules.js';
import { parseRecurrence } from './recurrence.js';
import { recurrenceInWords } from './recurrence-in-words.js';
import type { WindowVerdict } from './windows.js';

const dayNames: Record<Weekday, string> = {
  mon: 'Mondays',
  tue: 'Tuesdays',
  wed: 'Wednesdays',
  thu: 'Thursdays',
  fri: 'Fridays',
  sat: 'Saturdays',
  sun: 'Sundays',
};
const week = Object.keys(dayNames) as Weekday[];
/** Of exceptions: more are only counted in a refusal. */
const LISTED_MAX = 3;

function hoursInWords({ from, until }: Window): string | undefined {
  if (from !== undefined && until !== undefined) return `from ${from} until ${until}`;
  if (from !== undefined) return `from ${from}`;
  return until === undefined ? undefined : `until ${until}`;
}

/** Days in a row as a span: `Mondays to Fridays`. */
function weekdaysInWords(weekdays: readonly Weekday[], isBrief: boolean): string {
  const days = week.filter((day) => weekdays.includes(day));
  const [first = 'mon', last = 'mon'] = [days[0], days.at(-1)];
  const isRow = days.length > 2 && week.indexOf(last) - week.indexOf(first) === days.length - 1;
  if (isBrief && isRow) return `${dayNames[first]} to ${dayNames[last]}`;
  return listInWords(days.map((day) => dayNames[day]));
}

function datesInWords({ from, to }: DateRange): string {
  return from === to ? `on ${from}` : `from ${from} to ${to}`;
}

function holidaysInWords(holidays: Holidays): string {
  const { country, region } = holidays;
  const name = nameHolidays(holidays) ?? (region === undefined ? country : `${country}-${region}`);
  return `on public holidays of ${name}`;
}

/** The parts of one window; several are joined as a refusal of one window always named them. */
function partsOf(window: Window, isBrief: boolean): string[] {
  const { weekdays, dates, recurrence, holidays } = window;
  const hours = hoursInWords(window);
  return [
    ...(hours === undefined ? [] : [hours]),
    ...(weekdays === undefined || weekdays.length === week.length
      ? []
      : [`on ${weekdaysInWords(weekdays, isBrief)}`]),
    ...(dates === undefined ? [] : [datesInWords(dates)]),
    ...(recurrence === undefined ? [] : [recurrenceInWords(parseRecurrence(recurrence))]),
    ...(holidays === undefined ? [] : [holidaysInWords(holidays)]),
  ];
}

function windowsInWords(windows: readonly Window[], isBrief: boolean): string | undefined {
  const [first] = windows;
  if (first !== undefined && windows.length === 1) {
    const parts = partsOf(first, isBrief);
    return parts.length === 0 ? undefined : parts.map((part) => `only ${part}`).join(', ');
  }
  const each = windows.map((window) => partsOf(window, isBrief).join(' '));
  return each.length === 0 ? undefined : `only ${each.join(', or ')}`;
}

function exceptionsInWords(except: readonly Exception[], isBrief: boolean): string | undefined {
  if (except.length === 0) return undefined;
  const each = except.map((exception) =>
    'holidays' in exception ? holidaysInWords(exception.holidays) : datesInWords(exception),
  );
  if (!isBrief || each.length <= LISTED_MAX) return `not ${listInWords(each, 'or')}`;
  return `not ${each.slice(0, LISTED_MAX - 1).join(', ')} or ${each.length - LISTED_MAX + 1} other times`;
}

function openingInWords({ windows = [], except = [] }: OfferRules, isBrief: boolean): string[] {
  const phrases = [windowsInWords(windows, isBrief), exceptionsInWords(except, isBrief)];
  return phrases.filter((phrase) => phrase !== undefined);
}

/** All windows and exceptions, however long: `only until 12:00`, `not on 2026-12-24`. */
export function openingPhrases(rules: OfferRules): string[] {
  return openingInWords(rules, false);
}

/** The rule that keeps an offer closed, at most REFUSAL_RULE_BYTES_MAX bytes. */
export function describeWindows(
  { rules }: Pick<OfferVersion, 'rules'>,
  code: Extract<WindowVerdict, { open: false }>['code'],
): string {
  if (code === 'offer_not_started') return fitRule(`valid from ${rules.validFrom}`);
  if (code === 'offer_ended') return fitRule(`valid to ${rules.validTo}`);
  const count = rules.windows?.length ?? 0;
  return fitRule(
    openingInWords(rules, false).join(', '),
    openingInWords(rules, true).join(', '),
    ...(count > 1 ? [`only within its ${count} windows`] : []),
  );
}
