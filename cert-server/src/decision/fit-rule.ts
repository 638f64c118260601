/** A refusal names its rule in REFUSAL_RULE_BYTES_MAX bytes of UTF-8: of several ways to say it, the first that fits. */
import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { utf8 } from '@tapseal/shared/bytes';

function fits(text: string): boolean {
  return utf8(text).length <= REFUSAL_RULE_BYTES_MAX;
}

/** @param sayings from the fullest to the shortest; where none fits, the beginning of the last one */
export function fitRule(...sayings: readonly [string, ...string[]]): string {
  for (const saying of sayings) if (fits(saying)) return saying;
  const characters = [...(sayings.at(-1) ?? '')];
  while (!fits(`${characters.join('')}…`)) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}
