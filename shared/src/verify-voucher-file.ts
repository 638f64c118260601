/**
 * The verifier (docs/protocol.md §10): checks a voucher offline, from a JWK set alone, and says what it checked. It takes
 * either form: the bytes of the COSE voucher (raw, or as base64url text), or a compact JWS.
 */
import { VOUCHER_BYTES_MAX } from './bounds.js';
import { base64urlToBytes, bytesToBase64url, bytesToHex } from './bytes.js';
import type { AsyncVerifying, Hashing } from './crypto-port.js';
import { parseJwkSet } from './jwk.js';
import { verifyVoucherAsync } from './voucher.js';
import { type VoucherClaims, verifyVoucherJws } from './voucher-jws.js';

/**
 * What a valid voucher says. Hashes are base64url: all 32 bytes in the JWS form, the first 16 of them in the COSE form.
 * `programme`, `offer` and `offerVersion` stand in the JWS form only.
 */
export type VerifiedVoucher = {
  readonly form: 'cose' | 'jws';
  readonly transactionId: string;
  readonly touchpointId: string;
  readonly action: string;
  readonly amountMinor: number;
  readonly serverTimeS: number;
  /** Of the signed request. */
  readonly requestHash: string;
  /** Of the offer version that granted it, as canonical JSON (RFC 8785). */
  readonly offerHash: string;
  readonly programme?: string;
  readonly offer?: string;
  readonly offerVersion?: number;
};

function fromClaims(claims: VoucherClaims): VerifiedVoucher {
  return {
    form: 'jws',
    transactionId: claims.jti,
    touchpointId: claims.touchpoint,
    action: claims.action,
    amountMinor: claims.amountMinor,
    serverTimeS: claims.iat,
    requestHash: claims.requestHash,
    offerHash: claims.offerHash,
    programme: claims.iss,
    offer: claims.offer,
    offerVersion: claims.offerVersion,
  };
}

/** The file as text where it is plain ASCII, as every text form of a voucher is. */
function asText(file: Uint8Array): string | undefined {
  if (file.some((byte) => byte > 0x7e || (byte < 0x20 && byte !== 0x0a && byte !== 0x0d))) return undefined;
  return new TextDecoder().decode(file).trim();
}

/**
 * @param file content of a voucher file; bounded by the caller's read
 * @param jwkSet the parsed JSON of `/.well-known/jwks.json`
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid
 */
export async function verifyVoucherFile(
  crypto: AsyncVerifying & Pick<Hashing, 'sha256'>,
  file: Uint8Array,
  jwkSet: unknown,
): Promise<VerifiedVoucher> {
  const keys = parseJwkSet(crypto, jwkSet);
  const text = asText(file);
  if (text?.includes('.')) return fromClaims(await verifyVoucherJws(crypto, text, keys));
  const bytes = text === undefined ? file : (base64urlToBytes(text, VOUCHER_BYTES_MAX) ?? file);
  const voucher = await verifyVoucherAsync(crypto, bytes, keys);
  return {
    form: 'cose',
    transactionId: bytesToHex(voucher.transactionId),
    touchpointId: bytesToHex(voucher.touchpointId),
    action: voucher.action,
    amountMinor: voucher.amountMinor,
    serverTimeS: voucher.serverTimeS,
    requestHash: bytesToBase64url(voucher.requestHash),
    offerHash: bytesToBase64url(voucher.offerHash),
  };
}
