/**
 * Whether a verified voucher goes with what was handed in beside it: its other form, or the text of the offer version that
 * granted it. The COSE form carries the first 16 bytes of each hash, the JWS form all 32 (docs/protocol.md §6.5).
 */
import { HASH_BYTES, TRUNCATED_HASH_BYTES } from '@tapseal/shared/bounds';
import { base64urlToBytes, equalBytes } from '@tapseal/shared/bytes';
import type { Hashing } from '@tapseal/shared/crypto-port';
import type { VerifiedVoucher } from '@tapseal/shared/verify-voucher-file';

function agree(a: Uint8Array, b: Uint8Array): boolean {
  const lengths = [TRUNCATED_HASH_BYTES, HASH_BYTES];
  if (!lengths.includes(a.length) || !lengths.includes(b.length)) return false;
  const length = Math.min(a.length, b.length);
  return equalBytes(a.subarray(0, length), b.subarray(0, length));
}

function hashBytes(text: string): Uint8Array {
  return base64urlToBytes(text, HASH_BYTES) ?? new Uint8Array();
}

const plainFields = [
  ['transaction', 'transactionId'],
  ['touchpoint', 'touchpointId'],
  ['action', 'action'],
  ['amount', 'amountMinor'],
  ['time', 'serverTimeS'],
] as const;

/** @returns what two forms of one voucher say differently, in words; nothing where they agree */
export function differencesOf(a: VerifiedVoucher, b: VerifiedVoucher): readonly string[] {
  const differences: string[] = [];
  for (const [name, field] of plainFields) if (a[field] !== b[field]) differences.push(name);
  if (!agree(hashBytes(a.requestHash), hashBytes(b.requestHash))) differences.push('request hash');
  if (!agree(hashBytes(a.offerHash), hashBytes(b.offerHash))) differences.push('offer hash');
  return differences;
}

/**
 * Whether this is the text that the voucher's offer hash is of.
 * @param text canonical JSON (RFC 8785) of the offer version; a line end after it, which editors add, does not count
 */
export function isOfferText(
  hashing: Pick<Hashing, 'sha256'>,
  voucher: VerifiedVoucher,
  text: Uint8Array,
): boolean {
  let end = text.length;
  if (text[end - 1] === 0x0a) end -= text[end - 2] === 0x0d ? 2 : 1;
  return agree(hashBytes(voucher.offerHash), hashing.sha256(text.subarray(0, end)));
}
