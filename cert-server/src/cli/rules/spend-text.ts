/** When a grant counts, as it is typed: `granted`, or `confirmed:2h`: when its box confirms, held for so long until then. */
import { InvalidArgumentError } from 'commander';
import type { Spend } from '../../decision/offer-rules.js';
import { formatDuration, parseDuration } from './duration-text.js';

const HOLD_S_MIN = 120;
const HOLD_S_MAX = 30 * 86_400;
const HOLD_S_DEFAULT = 86_400;

/** @throws InvalidArgumentError */
export function parseSpend(text: string): Spend {
  if (text === 'granted') return { when: 'granted' };
  const [, span] = /^confirmed(?::(.*))?$/.exec(text) ?? [text, 'neither'];
  const holdS = span === undefined ? HOLD_S_DEFAULT : parseDuration(span);
  if (holdS !== undefined && holdS >= HOLD_S_MIN && holdS <= HOLD_S_MAX) return { when: 'confirmed', holdS };
  throw new InvalidArgumentError(
    'It is granted, or confirmed with the time from 2m to 30d for which a place is held: confirmed:24h.',
  );
}

export function formatSpend(spend: Spend): string {
  return spend.when === 'granted' ? 'granted' : `confirmed:${formatDuration(spend.holdS)}`;
}
