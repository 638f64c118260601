/** Amounts between minor units, as everything stores them, and what people write. Pure: sentences and the command line share it. */

/** How many decimals the currency has (ISO 4217), 0 for yen, 2 for euro. */
export function decimalsOf(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/** `2.50` */
export function formatDecimal(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amountMinor).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`;
}

/** `2.50 EUR` */
export function formatAmount(amountMinor: number, currency: string): string {
  return `${formatDecimal(amountMinor, currency)} ${currency}`;
}

/** `2.50` → 250 for two decimals. Undefined where it has more decimals than the currency. */
export function parseAmount(text: string, currency: string): number | undefined {
  const [whole = '', fraction = ''] = text.split('.');
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) return undefined;
  return Number(whole + fraction.padEnd(decimals, '0'));
}
