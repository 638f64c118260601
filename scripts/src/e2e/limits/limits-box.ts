/** A box without a radio: it signs hellos and receipts with its own key. */

import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';
import { sealHello, signHello } from '@tapseal/shared/hello';
import { FIRST_PREVIOUS_HASH, type ReceiptOutcome, signReceipt } from '@tapseal/shared/receipt';

const crypto = createNativeCrypto();
/** Above any that the server has: it need not send one along. */
const MANIFEST_VERSION = 0xffff_ffff;

export class LimitsBox {
  readonly name: string;
  readonly id = crypto.randomBytes(8);
  readonly signer: Signer = crypto.signer('Ed25519', crypto.randomBytes(32));
  readonly #sealKey: Uint8Array;
  #receipts = 0;
  #previousHash: Uint8Array = FIRST_PREVIOUS_HASH;

  /** @param sealKey the server's public one */
  constructor(name: string, sealKey: Uint8Array) {
    this.name = name;
    this.#sealKey = sealKey;
  }

  /** Sealed. */
  hello(challenge: Uint8Array): Uint8Array {
    const hello = {
      touchpointId: this.id,
      boxNonce: crypto.randomBytes(16),
      challenge,
      bootCounter: 1,
      counterS: 0,
      manifestVersion: MANIFEST_VERSION,
    };
    return sealHello(crypto, this.#sealKey, signHello(hello, this.signer));
  }

  /** The next of its chain. */
  receipt(transactionId: Uint8Array, voucher: Uint8Array, outcome: ReceiptOutcome): Uint8Array {
    this.#receipts += 1;
    const receipt = signReceipt(
      {
        touchpointId: this.id,
        transactionId,
        voucherHash: crypto.sha256(voucher),
        outcome,
        counter: this.#receipts,
        previousHash: this.#previousHash,
      },
      this.signer,
    );
    this.#previousHash = crypto.sha256(receipt);
    return receipt;
  }
}
