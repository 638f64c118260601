/** A JWK set that somebody saved: parsed here, checked by the verifier. */
import { problemError } from './problem-error.js';
import { readFileBounded } from './read-file-bounded.js';

export const JWK_SET_BYTES_MAX = 262_144;

/** @returns the parsed JSON; whether it is a JWK set is one of the checks of the verifier */
export function readJwkSetFile(path: string): unknown {
  const text = new TextDecoder().decode(readFileBounded(path, JWK_SET_BYTES_MAX, 'a JWK set'));
  try {
    return JSON.parse(text);
  } catch {
    throw problemError(
      'message_malformed',
      `${path} is not JSON.`,
      'Give the JWK set of the server, as JSON.',
    );
  }
}
