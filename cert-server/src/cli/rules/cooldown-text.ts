/** Cool-downs as they are typed: `30s`, `10m/touchpoint`, `1h/shopper/touchpoint`. For each shopper where nothing else is said. */
import { InvalidArgumentError } from 'commander';
import type { Cooldown } from '../../decision/offer-rules.js';
import { dimensionsFault, parseDimension } from './dimension-text.js';
import { formatDuration, parseDuration } from './duration-text.js';

const SECONDS_MAX = 366 * 86_400;
const EXPECTED =
  'It is a span of at most 366d and what to count by, for example 30s, 10m/touchpoint or 1h/shopper/touchpoint.';

/** @throws InvalidArgumentError */
export function parseCooldown(text: string): Cooldown {
  const [span = '', ...per] = text.split('/');
  const seconds = parseDuration(span);
  const isKnown = per.every((part) => parseDimension(part) !== undefined);
  if (seconds === undefined || seconds > SECONDS_MAX || !isKnown) throw new InvalidArgumentError(EXPECTED);
  const fault = dimensionsFault(per);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  return per.length === 0 ? { seconds } : { seconds, per };
}

export function formatCooldown({ seconds, per = [] }: Cooldown): string {
  return [formatDuration(seconds), ...per].join('/');
}
