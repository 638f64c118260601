/** The offers of a touchpoint as a shopper sees them: open now, or why not. A view, not a promise: redemption decides. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { OfferView, ResolveAnswer } from '@tapseal/shared/http-api';
import { makeServerNonce } from '@tapseal/shared/server-nonce';
import { countersOf } from '../decision/counters.js';
import { decide } from '../decision/decide.js';
import type { ServerContext } from '../server-context.js';
import { instantText } from '../store/instant-text.js';
import type { BoxRecord, OfferRecord } from '../store/records.js';

/** Stands for a shopper that has redeemed nothing. No id of a shopper is empty. */
const NEW_SHOPPER = '';

async function viewOffer(
  { store }: Pick<ServerContext, 'store'>,
  programme: string,
  { offer, paused }: OfferRecord,
  shopper: string,
  nowMs: number,
): Promise<OfferView> {
  const view = {
    id: offer.id,
    title: offer.title,
    action: offer.action,
    amountMinor: offer.amountMinor,
    currency: offer.currency,
  };
  if (paused) return { ...view, open: false, code: 'offer_paused' };
  const keys = countersOf(offer, shopper, nowMs).map((counter) => counter.key);
  const used = await store.readCounters(programme, offer.id, keys);
  const verdict = decide(offer, { shopper, used }, nowMs);
  if (verdict.granted) return { ...view, open: true };
  const { code, rule, resetsAtMs } = verdict;
  return {
    ...view,
    open: false,
    code,
    rule,
    ...(resetsAtMs === undefined ? {} : { resetsAt: instantText(resetsAtMs) }),
  };
}

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
  const offers: OfferView[] = [];
  for (const offer of await store.offersAt(programme, box.name)) {
    offers.push(await viewOffer(context, programme, offer, phone?.shopper ?? NEW_SHOPPER, nowMs));
  }
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
