/** The offers of a touchpoint as a shopper sees them: open now, or why not. A view, not a promise: redemption decides. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { ResolveAnswer } from '@tapseal/shared/http-api';
import { makeServerNonce } from '@tapseal/shared/server-nonce';
import { NO_LABELS } from '../decision/labels.js';
import { partyOf } from '../redeem/party-of.js';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord } from '../store/records.js';
import { tryOffer } from './try-offer.js';

/** Stands for a shopper that has redeemed nothing. No id of a shopper is empty. */
export const newShopper = { shopper: '', shopperLabels: NO_LABELS } as const;

/** @param phoneId a hint whose limits to count; not proven, so it shows no more than what is open */
export async function resolveAnswer(
  context: ServerContext,
  programme: string,
  box: BoxRecord,
  phoneId: Uint8Array | undefined,
  nowMs: number,
): Promise<ResolveAnswer> {
  const { store, authority, crypto } = context;
  const phone = phoneId && (await store.findPhone(programme, phoneId));
  const touchpoint = await store.findTouchpoint(programme, box.name);
  const party = partyOf(phone ?? newShopper, box);
  // At once, so that a store over a network can gather what they read.
  const offers = await Promise.all(
    (await store.offersAt(programme, box.name)).map(async (offer) => {
      const { view } = await tryOffer(context, programme, offer, party, nowMs);
      return view;
    }),
  );
  const nonce = makeServerNonce(crypto, authority.nonceKey, programme, nowMs);
  return {
    touchpoint: {
      id: bytesToHex(box.id),
      name: box.name,
      title: touchpoint?.title ?? box.name,
      place: touchpoint?.place ?? '',
    },
    offers,
    nonce: Buffer.from(nonce).toString('base64url'),
  };
}
