/** The work of which threads take a share. They and the main thread do it through here, so that their answers cannot differ. */
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { AsyncSigner, AsyncVerifying, BoxKeyPair, PublicKey } from '@tapseal/shared/crypto-port';

export type SignatureKeys = {
  /** 32 bytes: the Ed25519 seed of the key that signs. */
  readonly voucherKey: Uint8Array;
  readonly sealKey: BoxKeyPair;
};

/** What a redemption needs: done at once, or by a thread and then a promise. */
export interface Signatures extends AsyncVerifying, AsyncSigner {
  /** @returns what was sealed, undefined where the box was altered or is for another key */
  open(sealed: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

export type SignatureJob =
  | {
      readonly kind: 'verify';
      readonly key: PublicKey;
      readonly message: Uint8Array;
      readonly signature: Uint8Array;
    }
  | { readonly kind: 'sign'; readonly message: Uint8Array }
  /** The message is the sealed box. */
  | { readonly kind: 'open'; readonly message: Uint8Array };

/** Whether a signature holds; a signature; what was sealed, undefined where the box does not open. */
export type SignatureResult = boolean | Uint8Array | undefined;

export type SignatureWork = {
  readonly publicKey: PublicKey;
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
  sign(message: Uint8Array): Uint8Array;
  open(sealed: Uint8Array): Uint8Array | undefined;
  run(job: SignatureJob): SignatureResult;
};

/** @throws RangeError where `voucherKey` has not 32 bytes */
export function createSignatureWork({ voucherKey, sealKey }: SignatureKeys): SignatureWork {
  const crypto = createNativeCrypto();
  const signer = crypto.signer('Ed25519', voucherKey);
  const open = (sealed: Uint8Array) => crypto.open(sealKey, sealed);
  return {
    publicKey: signer.publicKey,
    verify: crypto.verify,
    sign: signer.sign,
    open,
    run: (job) => {
      if (job.kind === 'verify') return crypto.verify(job.key, job.message, job.signature);
      return job.kind === 'sign' ? signer.sign(job.message) : open(job.message);
    },
  };
}
