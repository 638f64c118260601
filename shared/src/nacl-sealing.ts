/** X25519 and the sealed box of libsodium (`crypto_box_seal`, byte for byte) by tweetnacl and BLAKE2b. */
import { blake2b } from '@noble/hashes/blake2.js';
import nacl from 'tweetnacl';
import { SEAL_OVERHEAD_BYTES } from './bounds.js';
import { concatBytes } from './bytes.js';
import type { Randomness, Sealing } from './crypto-port.js';

/** libsodium's crypto_box_seal: the nonce is BLAKE2b-24(ephemeral ‖ recipient). */
function sealNonce(ephemeral: Uint8Array, recipient: Uint8Array): Uint8Array {
  return blake2b(concatBytes(ephemeral, recipient), { dkLen: 24 });
}

export function naclSealing(random: Randomness): Sealing {
  return {
    boxKeyPair: (privateKey) => {
      const pair = nacl.box.keyPair.fromSecretKey(privateKey);
      return { publicKey: pair.publicKey, privateKey: pair.secretKey };
    },
    x25519: (privateKey, publicKey) => {
      const secret = nacl.scalarMult(privateKey, publicKey);
      // RFC 7748 §6.1: a low-order point gives zero, a secret that everybody knows.
      return secret.some((byte) => byte !== 0) ? secret : undefined;
    },
    seal: (recipientPublicKey, plaintext) => {
      const ephemeral = nacl.box.keyPair.fromSecretKey(random.randomBytes(32));
      const nonce = sealNonce(ephemeral.publicKey, recipientPublicKey);
      return concatBytes(
        ephemeral.publicKey,
        nacl.box(plaintext, nonce, recipientPublicKey, ephemeral.secretKey),
      );
    },
    open: (recipient, sealed) => {
      if (sealed.length < SEAL_OVERHEAD_BYTES) return undefined;
      const ephemeral = sealed.subarray(0, 32);
      const nonce = sealNonce(ephemeral, recipient.publicKey);
      return nacl.box.open(sealed.subarray(32), nonce, ephemeral, recipient.privateKey) ?? undefined;
    },
  };
}
