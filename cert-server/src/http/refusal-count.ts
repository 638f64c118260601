/** How much of a refusing rule is used: grants, or an amount in its currency. */
import { formatAmount, formatDecimal } from '../decision/format-amount.js';

/** The record of a refusal has figures alone; a rule of an amount begins with its maximum in the currency (describe-limit.ts). */
function currencyOf(rule: string, maximum: number): string | undefined {
  const [, currency] = /^at most [0-9.]+ ([A-Z]{3})\b/.exec(rule) ?? [];
  if (currency === undefined) return undefined;
  return rule.startsWith(`at most ${formatAmount(maximum, currency)}`) ? currency : undefined;
}

/** `1 of 1`, `10.00 of 10.05 EUR` */
export function refusalCount(rule: string, used: number, maximum: number, between: string): string {
  const currency = currencyOf(rule, maximum);
  if (currency === undefined) return `${used}${between}${maximum}`;
  return `${formatDecimal(used, currency)}${between}${formatAmount(maximum, currency)}`;
}
