/** An offer as a venue manager would say it. The rules in words are the server's; what happens and for how much is added here. */
import type { Action } from '@tapseal/shared/action';
import { formatAmount } from '../decision/format-amount.js';
import type { OfferAdminView } from '../http/offer-schemas.js';

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

/** How many in all; undefined where there is no such limit. */
export function grantsMaximum({ rules }: Pick<OfferAdminView, 'rules'>): number | undefined {
  const inAll = rules.limits?.find(
    ({ of = 'grants', per, period }) => of === 'grants' && per === undefined && period === undefined,
  );
  return inAll?.maximum;
}

/** `37 of 100 granted (2 of them held), 63 left` */
export function offerUsage(offer: OfferAdminView): string {
  const { granted, held } = offer;
  const maximum = grantsMaximum(offer);
  const count = maximum === undefined ? `${granted} granted` : `${granted} of ${maximum} granted`;
  const holding = held === 0 ? '' : ` (${held} of them held)`;
  return `${count}${holding}${maximum === undefined ? '' : `, ${Math.max(0, maximum - granted)} left`}`;
}
