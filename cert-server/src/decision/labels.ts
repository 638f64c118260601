/**
 * Labels: what an operator says of a touchpoint (`merchant=cafe-ada`, `site=airport`) or of a shopper (`tier=gold`), and what
 * an offer carries (`campaign=summer`). Limits count by them. Names and values are names, so that they need no escaping.
 */
import { NAME_CHARS_MAX, NAME_PATTERN } from '@tapseal/shared/bounds';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';

export const LABELS_MAX = 16;

export const Labels = Type.Record(
  Type.String({ pattern: NAME_PATTERN, maxLength: NAME_CHARS_MAX }),
  Type.String({ pattern: NAME_PATTERN, maxLength: NAME_CHARS_MAX }),
  { maxProperties: LABELS_MAX, additionalProperties: false },
);
export type Labels = Readonly<Static<typeof Labels>>;

/** In every label: none. */
export const NO_LABELS: Labels = Object.freeze({});
