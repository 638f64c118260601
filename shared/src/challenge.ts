/**
 * Challenge (docs/protocol.md §6.2): P → T, 18 bytes: version, suite, and the first 16 bytes of
 * SHA-256(nonce ‖ phone id ‖ transaction id). It binds the hello to one nonce of the server, one phone and one transaction,
 * and tells the box none of them.
 */
import {
  CHALLENGE_BYTES,
  CHALLENGE_MESSAGE_BYTES,
  PHONE_ID_BYTES,
  PROTOCOL_VERSION,
  SERVER_NONCE_BYTES,
  SUITE,
  TRANSACTION_ID_BYTES,
} from './bounds.js';
import { concatBytes, copyBytes } from './bytes.js';
import type { Hashing } from './crypto-port.js';
import { assertBytes } from './fields.js';
import { TapsealError } from './tapseal-error.js';

/** 16 bytes. */
export function challengeOf(
  hashing: Pick<Hashing, 'sha256'>,
  serverNonce: Uint8Array,
  phoneId: Uint8Array,
  transactionId: Uint8Array,
): Uint8Array {
  // Of fixed lengths, so that no two triples join into the same bytes.
  assertBytes('serverNonce', serverNonce, SERVER_NONCE_BYTES);
  assertBytes('phoneId', phoneId, PHONE_ID_BYTES);
  assertBytes('transactionId', transactionId, TRANSACTION_ID_BYTES);
  return hashing.sha256(concatBytes(serverNonce, phoneId, transactionId)).slice(0, CHALLENGE_BYTES);
}

export function encodeChallenge(challenge: Uint8Array): Uint8Array {
  assertBytes('challenge', challenge, CHALLENGE_BYTES);
  return concatBytes(Uint8Array.of(PROTOCOL_VERSION, SUITE), challenge);
}

/**
 * The version comes first and is checked first: there is no negotiation that an attacker could lead downwards.
 * @throws TapsealError message_malformed, version_unsupported, suite_unsupported
 */
export function decodeChallenge(message: Uint8Array): Uint8Array {
  if (message.length < 2) throw new TapsealError('message_malformed', 'challenge');
  if (message[0] !== PROTOCOL_VERSION)
    throw new TapsealError('version_unsupported', `challenge of version ${message[0]}`);
  if (message[1] !== SUITE) throw new TapsealError('suite_unsupported', `suite ${message[1]}`);
  if (message.length !== CHALLENGE_MESSAGE_BYTES) throw new TapsealError('message_malformed', 'challenge');
  return copyBytes(message, 2);
}
