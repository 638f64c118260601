/** One dimension of a limit, read from its text: `shopper`, `touchpoint.merchant`, `shopper.tier=gold`, `key.campaign`. */
import type { OfferVersion, Party } from './offer.js';

export type Dimension = {
  readonly of: 'shopper' | 'touchpoint' | 'key';
  /** The label that makes the group; absent: each shopper or touchpoint apart. */
  readonly label?: string;
  /** The limit holds for this group alone. */
  readonly value?: string;
};

/** @param text one that the schema accepted */
export function parseDimension(text: string): Dimension {
  const [, of, label, value] = /^(shopper|touchpoint|key)(?:\.([^=]+)(?:=(.+))?)?$/.exec(text) ?? [];
  if (of !== 'shopper' && of !== 'touchpoint' && of !== 'key') throw new RangeError('no dimension');
  return { of, ...(label === undefined ? {} : { label }), ...(value === undefined ? {} : { value }) };
}

/** Whose counter it is: an id, or the value of the label; empty where there is no such label. */
export function memberOf(dimension: Dimension, offer: Pick<OfferVersion, 'keys'>, party: Party): string {
  const { of, label } = dimension;
  if (label === undefined) return of === 'shopper' ? party.shopper : party.touchpoint;
  const labels =
    of === 'shopper' ? party.shopperLabels : of === 'touchpoint' ? party.touchpointLabels : offer.keys;
  return Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
}
