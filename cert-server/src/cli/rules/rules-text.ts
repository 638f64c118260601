/** The rules of an offer as the options that make them: what to copy for another offer, or for a change of this one. */
import { formatDecimal } from '../../decision/format-amount.js';
import type { OfferRules } from '../../decision/offer-rules.js';
import { formatCooldown } from './cooldown-text.js';
import { formatException } from './exception-text.js';
import { formatLimit } from './limit-text.js';
import { formatSpend } from './spend-text.js';
import { formatWindow } from './window-text.js';

/** For a shell: in quotes where it needs them. */
function quoted(value: string): string {
  return /^[\w.,:=@/+-]+$/.test(value) ? value : `'${value}'`;
}

export function formatRules(rules: OfferRules, currency: string): string {
  const { limits = [], cooldowns = [], windows = [], except = [] } = rules;
  const { stepMinor, spend, validFrom, validTo } = rules;
  const options: readonly (readonly [string, string | undefined])[] = [
    ...limits.map((limit) => ['--limit', formatLimit(limit, currency)] as const),
    ['--step', stepMinor === undefined ? undefined : formatDecimal(stepMinor, currency)],
    ...cooldowns.map((cooldown) => ['--cooldown', formatCooldown(cooldown)] as const),
    ...windows.map((window) => ['--window', formatWindow(window)] as const),
    ...except.map((exception) => ['--except', formatException(exception)] as const),
    ['--valid-from', validFrom],
    ['--valid-to', validTo],
    ['--spend', spend && formatSpend(spend)],
  ];
  return options
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${quoted(value)}`]))
    .join(' ');
}
