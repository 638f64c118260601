/** Who asks and where, as limits tell them apart: from the records of the phone and of the box. */
import type { Party } from '../decision/offer.js';
import type { BoxRecord, PhoneRecord } from '../store/records.js';

export function partyOf(
  phone: Pick<PhoneRecord, 'shopper' | 'shopperLabels'>,
  box: Pick<BoxRecord, 'name' | 'touchpointLabels' | 'touchpointTimeZone'>,
): Party {
  return {
    shopper: phone.shopper,
    shopperLabels: phone.shopperLabels,
    touchpoint: box.name,
    touchpointLabels: box.touchpointLabels,
    ...(box.touchpointTimeZone === undefined ? {} : { touchpointTimeZone: box.touchpointTimeZone }),
  };
}
