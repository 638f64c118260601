/**
 * What is this advert? One lookup in the index of rotating IDs, then one MAC in constant time. An unknown ID, an old epoch
 * and a wrong MAC are one answer, so that a forger learns nothing and costs no more than the lookup.
 */
import { decodeAdvert, isAdvertOf } from '@tapseal/shared/advert';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord } from '../store/records.js';

/** @throws TapsealError message_malformed, advert_unknown */
export async function resolveAdvert(
  { store, crypto }: Pick<ServerContext, 'store' | 'crypto'>,
  programme: string,
  bytes: Uint8Array,
): Promise<BoxRecord> {
  const advert = decodeAdvert(bytes);
  const found = await store.findRotatingId(programme, advert.rotatingId);
  if (found === undefined || !isAdvertOf(crypto, found.advertKey, advert)) {
    throw new TapsealError('advert_unknown');
  }
  const box = await store.findBox(programme, found.boxId);
  if (box === undefined || box.revokedAtMs !== undefined) throw new TapsealError('advert_unknown');
  return box;
}
