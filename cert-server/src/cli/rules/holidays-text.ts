/** Public holidays as they are typed: `holidays:DE`, `holidays:DE-BE`. */
import type { Holidays } from '../../decision/offer-rules.js';

/** Undefined for what does not have this form; which countries and regions there are, the server knows. */
export function parseHolidays(text: string): Holidays | undefined {
  const [, country = '', region] = /^holidays:([A-Z]{2})(?:-([A-Z0-9]{1,4}))?$/.exec(text) ?? [];
  if (country === '') return undefined;
  return region === undefined ? { country } : { country, region };
}

export function formatHolidays({ country, region }: Holidays): string {
  return `holidays:${country}${region === undefined ? '' : `-${region}`}`;
}
