/**
 * The rules of an offer as an operator writes them: the schema, and the type derived from it. Stored with each version of the
 * offer, so that what was decided can be decided again. docs/limits.md explains each of them with examples.
 */

import { AMOUNT_MINOR_MAX } from '@tapseal/shared/bounds';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';
import { AMOUNT_LIMIT_MAX, EXCEPTIONS_MAX, LIMITS_MAX, WINDOWS_MAX } from '../http/admin-bounds.js';

const strict = { additionalProperties: false } as const;
const TimeOfDay = Type.String({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$', description: 'HH:MM' });
const LocalDate = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'YYYY-MM-DD' });
const DateOrInstant = Type.String({
  pattern:
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?$',
  description: 'a date, a local date and time, or an instant with its offset (RFC 3339)',
});
export const Weekday = Type.Union([
  Type.Literal('mon'),
  Type.Literal('tue'),
  Type.Literal('wed'),
  Type.Literal('thu'),
  Type.Literal('fri'),
  Type.Literal('sat'),
  Type.Literal('sun'),
]);
export type Weekday = Static<typeof Weekday>;

/**
 * What a limit counts apart: `shopper`, `touchpoint`, a group of touchpoints (`touchpoint.merchant`) or of shoppers
 * (`shopper.tier`), a key that offers carry (`key.campaign`: counted over all offers that carry it). With a value
 * (`shopper.tier=gold`) the limit holds for that group alone. Who has no such label is counted with all others who have none.
 */
export const Dimension = Type.String({
  pattern: '^(?:shopper|touchpoint|(?:shopper|touchpoint|key)\\.[a-z0-9-]{1,40}(?:=[a-z0-9-]{1,40})?)$',
});

/** `every` two weeks and so on are counted from `from`, else from the week of 5 January 1970 (day, month, year: 1 January 1970). */
export const CalendarPeriod = Type.Object(
  {
    unit: Type.Union([
      Type.Literal('day'),
      Type.Literal('week'),
      Type.Literal('month'),
      Type.Literal('year'),
    ]),
    every: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 })),
    /** First day of the week: Monday (ISO 8601) where absent. */
    weekStart: Type.Optional(Type.Union([Type.Literal('mon'), Type.Literal('sun')])),
    from: Type.Optional(LocalDate),
  },
  strict,
);
export type CalendarPeriod = Static<typeof CalendarPeriod>;

/** The last so many seconds, at every instant: `604800` is the last 7 × 24 h. */
export const RollingPeriod = Type.Object(
  { rollingS: Type.Integer({ minimum: 1, maximum: 366 * 86_400 }) },
  strict,
);
export type RollingPeriod = Static<typeof RollingPeriod>;

export const Limit = Type.Object(
  {
    /** Grants, or minor units of the currency. */
    maximum: Type.Integer({ minimum: 1, maximum: AMOUNT_LIMIT_MAX }),
    /** `grants` where absent. */
    of: Type.Optional(Type.Union([Type.Literal('grants'), Type.Literal('amount')])),
    /** All together where absent. */
    per: Type.Optional(Type.Array(Dimension, { minItems: 1, maxItems: 4, uniqueItems: true })),
    /** For ever where absent. */
    period: Type.Optional(Type.Union([CalendarPeriod, RollingPeriod])),
    /** Of an amount: what is left is granted where it is less than the offer's amount, in whole steps of `stepMinor`. */
    partial: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type Limit = Static<typeof Limit>;

export const Cooldown = Type.Object(
  {
    seconds: Type.Integer({ minimum: 1, maximum: 366 * 86_400 }),
    /** For each shopper where absent. */
    per: Type.Optional(Type.Array(Dimension, { minItems: 1, maxItems: 4, uniqueItems: true })),
  },
  strict,
);
export type Cooldown = Static<typeof Cooldown>;

export const DateRange = Type.Object({ from: LocalDate, to: LocalDate }, strict);
export type DateRange = Static<typeof DateRange>;

/** Public holidays: ISO 3166-1 country, and its region (ISO 3166-2 without the country) where holidays differ. */
export const Holidays = Type.Object(
  {
    country: Type.String({ pattern: '^[A-Z]{2}$' }),
    region: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{1,4}$' })),
  },
  strict,
);
export type Holidays = Static<typeof Holidays>;

/**
 * Days, and the hours of those days. All that is given must hold: the weekday, the range of dates, the recurrence, the
 * holiday. `from` and `until` are read off the wall clock; across midnight they belong to the day on which they open.
 */
export const Window = Type.Object(
  {
    from: Type.Optional(TimeOfDay),
    until: Type.Optional(TimeOfDay),
    weekdays: Type.Optional(Type.Array(Weekday, { minItems: 1, maxItems: 7, uniqueItems: true })),
    dates: Type.Optional(DateRange),
    /** RFC 5545 §3.3.10, of whole days, with DTSTART as a date: `DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO`. */
    recurrence: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** Only on public holidays. */
    holidays: Type.Optional(Holidays),
  },
  strict,
);
export type Window = Static<typeof Window>;

/** Days on which no window opens. */
export const Exception = Type.Union([DateRange, Type.Object({ holidays: Holidays }, strict)]);
export type Exception = Static<typeof Exception>;

/** Counted when the voucher is granted, or held then and counted when the receipt of the box arrives. */
export const Spend = Type.Union([
  Type.Object({ when: Type.Literal('granted') }, strict),
  Type.Object(
    {
      when: Type.Literal('confirmed'),
      /** A grant whose receipt has not arrived by then frees its place. */
      holdS: Type.Integer({ minimum: 120, maximum: 30 * 86_400 }),
    },
    strict,
  ),
]);
export type Spend = Static<typeof Spend>;

/** Everything holds together or the request is refused: validity, exceptions, one of the windows, each of the limits. */
export const OfferRules = Type.Object(
  {
    limits: Type.Optional(Type.Array(Limit, { maxItems: LIMITS_MAX })),
    cooldowns: Type.Optional(Type.Array(Cooldown, { maxItems: LIMITS_MAX })),
    /** Open while any of them is; always open where absent. */
    windows: Type.Optional(Type.Array(Window, { minItems: 1, maxItems: WINDOWS_MAX })),
    except: Type.Optional(Type.Array(Exception, { maxItems: EXCEPTIONS_MAX })),
    validFrom: Type.Optional(DateOrInstant),
    /** A date is the last day of the offer; an instant is the first one after it. */
    validTo: Type.Optional(DateOrInstant),
    /**
     * What a part is a multiple of, in minor units; 1 where absent. For boxes that give an amount in pulses: their setting
     * `minor_per_pulse`, which the server does not know.
     */
    stepMinor: Type.Optional(Type.Integer({ minimum: 1, maximum: AMOUNT_MINOR_MAX })),
    /** `granted` where absent. */
    spend: Type.Optional(Spend),
  },
  strict,
);
export type OfferRules = Static<typeof OfferRules>;
