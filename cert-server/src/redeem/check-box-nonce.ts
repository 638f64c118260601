/** Step 8, box nonce: no other transaction was granted for this hello. Two boxes with one key would show here. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { RedeemFacts } from '../store/store-port.js';

/** @throws TapsealError box_nonce_used */
export function checkBoxNonce(facts: Pick<RedeemFacts, 'boxNonceUsed'>): void {
  if (facts.boxNonceUsed) throw new TapsealError('box_nonce_used');
}
