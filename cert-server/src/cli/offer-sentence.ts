/** An offer as a venue manager would say it. The rules in words are the server's; what happens and for how much is added here. */
import type { Action } from '@tapseal/shared/action';
import type { OfferAdminView } from '../http/admin-schemas.js';
import { formatAmount } from './format-amount.js';

const deeds: Record<Action, string> = {
  open: 'opens',
  dispense: 'dispenses goods',
  start: 'starts its machine',
  credit: 'gives credit',
  stamp: 'gives a stamp',
};

function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? 'no touchpoint';
  return `each of ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function offerSentence(offer: OfferAdminView): string {
  const price =
    offer.amountMinor === 0 ? 'free of charge' : `for ${formatAmount(offer.amountMinor, offer.currency)}`;
  return `${listed(offer.touchpoints)} ${deeds[offer.action]} ${price}: ${offer.sentence}.`;
}

/** `37 of 100 granted, 63 left` */
export function offerUsage(offer: OfferAdminView): string {
  const { max } = offer.rules;
  return max === undefined
    ? `${offer.granted} granted`
    : `${offer.granted} of ${max} granted, ${Math.max(0, max - offer.granted)} left`;
}
