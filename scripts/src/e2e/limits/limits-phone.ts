/** A phone without a radio: it prepares whole redemptions, to be sent when they are wanted. */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signRequest } from '@tapseal/shared/request';
import { makeServerNonce } from '@tapseal/shared/server-nonce';
import type { LimitsBox } from './limits-box.js';
import { PROGRAMME } from './programme.js';

const crypto = createNativeCrypto();

/** A signed request, ready to be sent, as often as need be. */
export type Prepared = {
  readonly phone: LimitsPhone;
  readonly box: LimitsBox;
  readonly offer: string;
  readonly transactionId: Uint8Array;
  /** SHA-256 of the signed request. */
  readonly requestHash: Uint8Array;
  /** JSON. */
  readonly body: string;
};

export class LimitsPhone {
  readonly id: Uint8Array;
  shopper = '';
  readonly #signer: Signer;
  readonly #nonceKey: Uint8Array;

  /** @param nonceKey of the server: its nonces are made here, as it would make them, and without asking a thousand times */
  constructor(signer: Signer, nonceKey: Uint8Array) {
    this.id = phoneIdOf(crypto, signer.publicKey);
    this.#signer = signer;
    this.#nonceKey = nonceKey;
  }

  async prepare(box: LimitsBox, offer: string, amountMinor = 0): Promise<Prepared> {
    const serverNonce = makeServerNonce(crypto, this.#nonceKey, PROGRAMME, Date.now());
    const transactionId = crypto.randomBytes(16);
    const sealedHello = box.hello(challengeOf(crypto, serverNonce, this.id, transactionId));
    const request = await signRequest(
      { programme: PROGRAMME, serverNonce, transactionId, phoneId: this.id, offer, amountMinor, sealedHello },
      this.#signer,
    );
    const body = JSON.stringify({ request: bytesToBase64url(request) });
    return { phone: this, box, offer, transactionId, requestHash: crypto.sha256(request), body };
  }
}
