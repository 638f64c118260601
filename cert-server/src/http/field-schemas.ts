/** Schemas of single fields that several bodies and views of the administration interface have. */
import { freeText } from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import { REASON_CHARS_MAX, TITLE_CHARS_MAX } from './admin-bounds.js';

export const strict = { additionalProperties: false } as const;

export const Title = freeText(TITLE_CHARS_MAX, 1);
export const Place = freeText(TITLE_CHARS_MAX);
export const Reason = Type.Optional(freeText(REASON_CHARS_MAX));
export const TokenLabel = freeText(TITLE_CHARS_MAX);
/** Opaque, as the answer to a registration names it. */
export const ShopperId = Type.String({ pattern: '^[0-9a-z-]{1,64}$' });
export const Counter = Type.Integer({ minimum: 0 });
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' });
export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'IANA time zone, for example Europe/Berlin',
});

/** A number in a query, which is text: no coercion anywhere. */
export const Digits = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description }));
