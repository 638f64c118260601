/** Numbers in queries. Queries are text, and their schemas have made sure of digits. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { GRANTS_PAGE_MAX } from './admin-bounds.js';

const PAGE_DEFAULT = 100;

/** @throws TapsealError body_invalid above `max` */
export function readDigits(name: string, text: string | undefined, otherwise: number, max: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (value > max) throw new TapsealError('body_invalid', `querystring/${name}: at most ${max}`);
  return value;
}

/** @throws TapsealError body_invalid unless it is 1 to `max` */
export function readCount(limit: string | undefined, max: number = GRANTS_PAGE_MAX): number {
  const count = readDigits('limit', limit, PAGE_DEFAULT, max);
  if (count < 1) throw new TapsealError('body_invalid', 'querystring/limit: at least 1');
  return count;
}
