/** Step 5, seal: the hello is for this server and unaltered, and has the shape of a hello. */
import type { Sign1 } from '@tapseal/shared/cose-sign1';
import { decodeHello, type Hello, openHelloAsync } from '@tapseal/shared/hello';
import type { Signatures } from '../signatures/signature-work.js';

export type OpenedHello = { readonly message: Sign1; readonly hello: Hello };

/** @throws TapsealError message_too_long, seal_invalid, message_malformed, suite_unsupported */
export async function openSeal(
  signatures: Pick<Signatures, 'open'>,
  sealedHello: Uint8Array,
): Promise<OpenedHello> {
  return decodeHello(await openHelloAsync((sealed) => signatures.open(sealed), sealedHello));
}
