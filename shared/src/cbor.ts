/**
 * Deterministic CBOR (RFC 8949 §4.2), strict in both directions. What decodes here has exactly one encoding: the bytes are
 * encoded again and compared, so that duplicate keys, long lengths, indefinite lengths and unsorted maps have no way in.
 */
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { copyBytes, equalBytes } from './bytes.js';
import { TapsealError } from './tapseal-error.js';

export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number, CborValue>;

const decodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  // Integers beyond 2^53 would come back as BigInt; no field of the protocol is that large.
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
};

export function encodeCbor(value: CborValue): Uint8Array {
  // cborg gives a Buffer where there is one; ours are plain bytes everywhere.
  return copyBytes(encode(value, rfc8949EncodeOptions));
}

/**
 * Decodes one whole item. The caller has bounded `bytes` by its kind.
 * @throws TapsealError message_malformed
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = decode(bytes, decodeOptions);
    if (!equalBytes(encode(value, rfc8949EncodeOptions), bytes)) throw new Error('not deterministic');
  } catch (cause) {
    throw new TapsealError('message_malformed', 'CBOR', { cause });
  }
  return value;
}
