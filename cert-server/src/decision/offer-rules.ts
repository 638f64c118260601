/**
 * The rules of an offer as an operator writes them: the schema, and the type derived from it. Stored with each version of the
 * offer, so that what was decided can be decided again.
 */
import { type Static, Type } from 'typebox';
import { LIMIT_MAX } from '../http/admin-bounds.js';

const strict = { additionalProperties: false } as const;

const Limit = Type.Integer({ minimum: 1, maximum: LIMIT_MAX });
const TimeOfDay = Type.String({ pattern: '^(?:[01][0-9]|2[0-3]):[0-5][0-9]$', description: 'HH:MM' });
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

/** All in the programme's time zone. `from` and `until` across midnight belong to the day on which they open. */
export const OfferRules = Type.Object(
  {
    max: Type.Optional(Limit),
    perDay: Type.Optional(Limit),
    perWeek: Type.Optional(Limit),
    perMonth: Type.Optional(Limit),
    from: Type.Optional(TimeOfDay),
    until: Type.Optional(TimeOfDay),
    weekdays: Type.Optional(Type.Array(Weekday, { minItems: 1, maxItems: 7, uniqueItems: true })),
    validFrom: Type.Optional(DateOrInstant),
    /** A date is the last day of the offer; an instant is the first one after it. */
    validTo: Type.Optional(DateOrInstant),
  },
  strict,
);
export type OfferRules = Static<typeof OfferRules>;
