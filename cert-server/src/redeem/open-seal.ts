/** Step 5, seal: the hello is for this server and unaltered, and has the shape of a hello. */
import type { Sign1 } from '@tapseal/shared/cose-sign1';
import type { Sealing } from '@tapseal/shared/crypto-port';
import { decodeHello, type Hello, openHello } from '@tapseal/shared/hello';
import type { Authority } from '../authority/authority.js';

export type OpenedHello = { readonly message: Sign1; readonly hello: Hello };

/** @throws TapsealError message_too_long, seal_invalid, message_malformed, suite_unsupported */
export function openSeal(
  sealing: Pick<Sealing, 'open'>,
  authority: Pick<Authority, 'sealKey'>,
  sealedHello: Uint8Array,
): OpenedHello {
  return decodeHello(openHello(sealing, authority.sealKey, sealedHello));
}
