/**
 * What the protocol asks of cryptography, in small parts: a function takes just the part that it uses. Three adapters give
 * all of it (crypto-native, crypto-web, crypto-tweetnacl) and pass one contract suite on the same vectors.
 */

/** Ed25519 (RFC 8032) for touchpoints and the server; P-256 with SHA-256 (FIPS 186-5) or Ed25519 for phones. */
export type KeyAlgorithm = 'Ed25519' | 'P-256';

/** Ed25519: 32 bytes. P-256: 65 bytes, uncompressed (0x04 ‖ x ‖ y), SEC 1 §2.3.3. */
export type PublicKey = { readonly algorithm: KeyAlgorithm; readonly bytes: Uint8Array };

export interface Hashing {
  sha256(data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** HKDF (RFC 5869) with SHA-256. */
  hkdfSha256(input: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array;
}

export interface Randomness {
  randomBytes(lengthBytes: number): Uint8Array;
}

/** `signature` is 64 bytes: R ‖ S for Ed25519, r ‖ s with the low s for P-256. False for anything else, never an error. */
export interface Verifying {
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface AsyncVerifying {
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

/** A private key that may live in hardware: only what it signs leaves it. */
export interface Signer {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array;
}

export interface AsyncSigner {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export type BoxKeyPair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };

/**
 * X25519 (RFC 7748) and the sealed box of libsodium: X25519, BLAKE2b-24 for the nonce, XSalsa20-Poly1305. Keys have 32 bytes
 * each; another length is a fault of the caller and throws RangeError.
 */
export interface Sealing {
  /** 32 private bytes → the key pair. */
  boxKeyPair(privateKey: Uint8Array): BoxKeyPair;
  /** The shared secret of 32 bytes, or undefined where the other key has low order (RFC 7748 §6.1). */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
  /** 48 bytes longer than the plaintext. Throws RangeError for a recipient of low order: everybody could open the box. */
  seal(recipientPublicKey: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Undefined where the box was altered or is for another key. */
  open(recipient: BoxKeyPair, sealed: Uint8Array): Uint8Array | undefined;
}

export interface SignerMaking {
  /** Ed25519: the 32-byte seed. P-256: the 32-byte scalar, big-endian. Throws RangeError where it is out of range. */
  signer(algorithm: KeyAlgorithm, privateKey: Uint8Array): Signer;
}

export interface AsyncSignerMaking {
  signer(algorithm: KeyAlgorithm, privateKey: Uint8Array): AsyncSigner | Promise<AsyncSigner>;
}

/** Everything, synchronous: the server and the touchpoint. */
export interface CryptoPort extends Hashing, Randomness, Verifying, Sealing, SignerMaking {}

/** Everything, with signatures that may be asynchronous: the phone. Every CryptoPort is one. */
export interface AsyncCryptoPort extends Hashing, Randomness, AsyncVerifying, Sealing, AsyncSignerMaking {}
