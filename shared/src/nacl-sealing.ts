/** X25519 and the sealed box of libsodium (`crypto_box_seal`, byte for byte) by tweetnacl and BLAKE2b. */
import { blake2b } from '@noble/hashes/blake2.js';
import nacl from 'tweetnacl';
import { SEAL_OVERHEAD_BYTES, X25519_KEY_BYTES } from './bounds.js';
import { concatBytes, equalBytes } from './bytes.js';
import type { Randomness, Sealing } from './crypto-port.js';
import { assertBytes } from './fields.js';

/** What a low-order key leads to: HSalsa20 of the all-zero secret, a box key that everybody knows. Made when it is needed. */
let publicBoxKey: Uint8Array | undefined;

/** Undefined where the other key has low order, as in libsodium. */
function boxKey(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array | undefined {
  const key = nacl.box.before(publicKey, privateKey);
  publicBoxKey ??= nacl.box.before(new Uint8Array(32), new Uint8Array(32));
  return equalBytes(key, publicBoxKey) ? undefined : key;
}

/** libsodium's crypto_box_seal: the nonce is BLAKE2b-24(ephemeral ‖ recipient). */
function sealNonce(ephemeral: Uint8Array, recipient: Uint8Array): Uint8Array {
  return blake2b(concatBytes(ephemeral, recipient), { dkLen: 24 });
}

export function naclSealing(random: Randomness): Sealing {
  return {
    boxKeyPair: (privateKey) => {
      assertBytes('privateKey', privateKey, X25519_KEY_BYTES);
      const pair = nacl.box.keyPair.fromSecretKey(privateKey);
      return { publicKey: pair.publicKey, privateKey: pair.secretKey };
    },
    x25519: (privateKey, publicKey) => {
      assertBytes('privateKey', privateKey, X25519_KEY_BYTES);
      assertBytes('publicKey', publicKey, X25519_KEY_BYTES);
      const secret = nacl.scalarMult(privateKey, publicKey);
      // RFC 7748 §6.1: a low-order point gives zero, a secret that everybody knows.
      return secret.some((byte) => byte !== 0) ? secret : undefined;
    },
    seal: (recipientPublicKey, plaintext) => {
      assertBytes('recipientPublicKey', recipientPublicKey, X25519_KEY_BYTES);
      const ephemeral = nacl.box.keyPair.fromSecretKey(random.randomBytes(X25519_KEY_BYTES));
      const key = boxKey(recipientPublicKey, ephemeral.secretKey);
      if (key === undefined) throw new RangeError('recipientPublicKey must not have low order');
      const nonce = sealNonce(ephemeral.publicKey, recipientPublicKey);
      return concatBytes(ephemeral.publicKey, nacl.box.after(plaintext, nonce, key));
    },
    open: (recipient, sealed) => {
      if (sealed.length < SEAL_OVERHEAD_BYTES) return undefined;
      const ephemeral = sealed.subarray(0, X25519_KEY_BYTES);
      const key = boxKey(ephemeral, recipient.privateKey);
      if (key === undefined) return undefined;
      const nonce = sealNonce(ephemeral, recipient.publicKey);
      return nacl.box.open.after(sealed.subarray(X25519_KEY_BYTES), nonce, key) ?? undefined;
    },
  };
}
