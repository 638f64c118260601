/** SHA-256, HMAC and HKDF in JavaScript, for places without a synchronous native hash: browsers and React Native. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hashing } from './crypto-port.js';

export const portableHashing: Hashing = {
  sha256: (data) => sha256(data),
  hmacSha256: (key, data) => hmac(sha256, key, data),
  hkdfSha256: (input, salt, info, lengthBytes) => hkdf(sha256, input, salt, info, lengthBytes),
};
