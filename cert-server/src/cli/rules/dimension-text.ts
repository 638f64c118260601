/** What a limit counts apart, as it is typed: `shopper`, `touchpoint.merchant`, `shopper.tier=gold`, `key.campaign`. */
import { NAME_PATTERN } from '@tapseal/shared/bounds';

const DIMENSIONS_MAX = 4;

/** The same text where it is one of them. */
export function parseDimension(text: string): string | undefined {
  const [, of, label, value] = /^(shopper|touchpoint|key)(?:\.([^=]*)(?:=(.*))?)?$/.exec(text) ?? [];
  if (of === undefined || (of === 'key' && label === undefined)) return undefined;
  const isName = (name: string | undefined): boolean =>
    name === undefined || new RegExp(NAME_PATTERN).test(name);
  return isName(label) && isName(value) ? text : undefined;
}

/** What is wrong with several of them together, as a sentence. */
export function dimensionsFault(dimensions: readonly string[]): string | undefined {
  if (new Set(dimensions).size < dimensions.length) return 'It counts by the same thing twice.';
  if (dimensions.length > DIMENSIONS_MAX) return `It counts by at most ${DIMENSIONS_MAX} things.`;
  return undefined;
}
