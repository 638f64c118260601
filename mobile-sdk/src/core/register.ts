/** Registration of the phone's key with a programme (docs/protocol.md §6.8), once; afterwards what was stored. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { AsyncSigner } from '@tapseal/shared/crypto-port';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signRegistration } from '@tapseal/shared/registration';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { KeyStore, PhoneCrypto } from './ports.js';
import type { Server } from './server.js';

/** Who the phone is towards the server. */
export type Identity = {
  readonly programme: string;
  readonly signer: AsyncSigner;
  /** 16 bytes, and the same in hexadecimal. */
  readonly phoneId: Uint8Array;
  readonly phoneIdHex: string;
  /** Opaque id of the shopper that the limits count. */
  readonly shopper: string;
};

/** @throws TapsealError network_unavailable, server_answer_invalid, or the code of the server's problem */
export async function register(
  deps: { readonly keyStore: KeyStore; readonly server: Server; readonly crypto: PhoneCrypto },
  programme: string,
): Promise<Identity> {
  const { keyStore, server, crypto } = deps;
  const signer = await keyStore.signer();
  const phoneId = phoneIdOf(crypto, signer.publicKey);
  const phoneIdHex = bytesToHex(phoneId);
  let stored = await keyStore.loadRegistration();
  // A registration of another programme, or of a key that was replaced, is none of ours.
  if (stored?.programme !== programme || stored.phoneId !== phoneIdHex) {
    const nonce = await server.fetchNonce();
    stored = await server.register(programme, await signRegistration(programme, nonce, signer));
    if (stored.phoneId !== phoneIdHex) throw new TapsealError('server_answer_invalid', 'phoneId');
    await keyStore.saveRegistration(stored);
  }
  return { programme, signer, phoneId, phoneIdHex, shopper: stored.shopper };
}
