/** A refusal names its rule in REFUSAL_RULE_BYTES_MAX bytes of UTF-8: of several ways to say it, the first that fits. */
import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { utf8 } from '@tapseal/shared/bytes';

/** From the whole sentence to the shortest one. */
export type Sayings = readonly [string, ...string[]];

function fits(text: string, bytesMax: number): boolean {
  return utf8(text).length <= bytesMax;
}

function fitInto(bytesMax: number, sayings: Sayings): string {
  for (const saying of sayings) if (fits(saying, bytesMax)) return saying;
  const characters = [...(sayings.at(-1) ?? '')];
  while (!fits(`${characters.join('')}…`, bytesMax)) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** @param sayings from the fullest to the shortest; where none fits, the beginning of the last one */
export function fitRule(...sayings: Sayings): string {
  return fitInto(REFUSAL_RULE_BYTES_MAX, sayings);
}

/** The rules of one offer. Those that would read the same for want of room are told apart by their number. */
export function fitRules(rules: readonly Sayings[]): readonly string[] {
  const fitted = rules.map((sayings) => fitRule(...sayings));
  return fitted.map((rule, index) => {
    const [sayings] = rules.slice(index);
    const isAlone = fitted.indexOf(rule) === fitted.lastIndexOf(rule);
    if (isAlone || sayings === undefined) return rule;
    const number = ` (no. ${index + 1})`;
    return `${fitInto(REFUSAL_RULE_BYTES_MAX - utf8(number).length, sayings)}${number}`;
  });
}
