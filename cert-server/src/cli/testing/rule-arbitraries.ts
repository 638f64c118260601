/** For tests only: any rule that an operator can type, in the form in which the parsers give it back. */
import fc from 'fast-check';
import type {
  CalendarPeriod,
  Cooldown,
  DateRange,
  Exception,
  Holidays,
  Limit,
  Spend,
  Window,
} from '../../decision/offer-rules.js';
import { AMOUNT_LIMIT_MAX, LIMIT_MAX } from '../../http/admin-bounds.js';
import { weekdays } from '../option-values.js';

const DAY_MS = 86_400_000;
const YEAR_S = 366 * 86_400;

/** Without members that are undefined: the types tell them from those that are not there. */
function present<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const day = fc
  .integer({ min: 0, max: 60_000 })
  .map((days) => new Date(days * DAY_MS).toISOString().slice(0, 10));
const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
const time = fc
  .integer({ min: 0, max: 1_439 })
  .map((minutes) => new Date(minutes * 60_000).toISOString().slice(11, 16));

export const dates: fc.Arbitrary<DateRange> = fc
  .tuple(day, day)
  .map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }));

export const holidays: fc.Arbitrary<Holidays> = fc
  .record({
    country: fc.stringMatching(/^[A-Z]{2}$/),
    region: optional(fc.stringMatching(/^[A-Z0-9]{1,4}$/)),
  })
  .map((value) => present(value) as Holidays);

const dimension = fc.oneof(
  fc.constantFrom('shopper', 'touchpoint'),
  fc
    .tuple(fc.constantFrom('shopper', 'touchpoint', 'key'), name, optional(name))
    .map(([of, label, value]) => `${of}.${label}${value === undefined ? '' : `=${value}`}`),
);
const dimensions = fc.uniqueArray(dimension, { minLength: 1, maxLength: 4 });

const calendar: fc.Arbitrary<CalendarPeriod> = fc
  .record({
    unit: fc.constantFrom('day', 'week', 'month', 'year'),
    every: fc.integer({ min: 1, max: 366 }),
    isSunday: fc.boolean(),
    from: optional(day),
  })
  .map(
    ({ unit, every, isSunday, from }) =>
      present({
        unit,
        every: every === 1 ? undefined : every,
        weekStart: isSunday && unit === 'week' ? 'sun' : undefined,
        from: every === 1 ? undefined : from,
      }) as CalendarPeriod,
  );

const rolling = fc.integer({ min: 1, max: YEAR_S }).map((rollingS) => ({ rollingS }));

export const limits: fc.Arbitrary<Limit> = fc
  .record({
    isAmount: fc.boolean(),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    per: optional(dimensions),
    period: optional(fc.oneof(calendar, rolling)),
    isPartial: fc.boolean(),
  })
  .map(({ isAmount, share, per, period, isPartial }) => {
    const maximum = 1 + Math.floor(share * ((isAmount ? AMOUNT_LIMIT_MAX : LIMIT_MAX) - 1));
    const kind = isAmount ? ({ of: 'amount', partial: isPartial || undefined } as const) : {};
    return present({ maximum, ...kind, per, period }) as Limit;
  });

export const cooldowns: fc.Arbitrary<Cooldown> = fc
  .record({ seconds: fc.integer({ min: 1, max: YEAR_S }), per: optional(dimensions) })
  .map((value) => present(value) as Cooldown);

export const windows: fc.Arbitrary<Window> = fc
  .record({
    from: optional(time),
    until: optional(time),
    weekdays: optional(fc.subarray([...weekdays], { minLength: 1 })),
    dates: optional(dates),
    recurrence: optional(fc.constantFrom('DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO')),
    holidays: optional(holidays),
  })
  .filter(({ from, until }) => from === undefined || from !== until)
  .map((value) => present(value) as Window)
  .filter((value) => Object.keys(value).length > 0);

export const exceptions: fc.Arbitrary<Exception> = fc.oneof(
  dates,
  holidays.map((value) => ({ holidays: value })),
);

export const spends: fc.Arbitrary<Spend> = fc.oneof(
  fc.constant({ when: 'granted' } as const),
  fc.integer({ min: 120, max: 30 * 86_400 }).map((holdS) => ({ when: 'confirmed', holdS }) as const),
);
