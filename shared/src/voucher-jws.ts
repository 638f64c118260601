/**
 * A voucher as compact JWS (RFC 7515, EdDSA by RFC 8037), for verifiers that live on the web. It says the same as the COSE
 * voucher, with its hashes whole, and is signed by the same key; `typ` keeps it apart from every other token.
 */
import { SIGNATURE_BYTES, VOUCHER_JWS_CHARS_MAX } from './bounds.js';
import { base64urlToBytes, bytesToBase64url, bytesToHex, utf8 } from './bytes.js';
import type { AsyncSigner, AsyncVerifying, Hashing, Signer } from './crypto-port.js';
import { jwkThumbprint } from './jwk.js';
import { TapsealError } from './tapseal-error.js';
import { isTruncatedHashOf } from './truncated-hash.js';
import type { Voucher } from './voucher.js';
import type { VoucherKey } from './voucher-key.js';

export const VOUCHER_JWS_TYPE = 'tapseal-voucher+jwt';

export type VoucherClaims = {
  /** Programme. */
  readonly iss: string;
  /** Transaction id, hexadecimal. */
  readonly jti: string;
  /** Server time, seconds since 1970. */
  readonly iat: number;
  /** Touchpoint id, hexadecimal. */
  readonly touchpoint: string;
  readonly action: string;
  readonly amountMinor: number;
  readonly offer: string;
  /** From 1; each change of the offer is a new version. */
  readonly offerVersion: number;
  /** SHA-256 of that version as canonical JSON (RFC 8785), base64url of 32 bytes. */
  readonly offerHash: string;
  /** SHA-256 of the signed request, base64url of 32 bytes. */
  readonly requestHash: string;
};

/** On what a voucher was granted, as the server has it on record: what the JWS says beyond the COSE voucher. */
export type VoucherGrounds = {
  readonly programme: string;
  readonly offer: string;
  readonly offerVersion: number;
  /** 32 bytes. */
  readonly offerHash: Uint8Array;
  /** 32 bytes. */
  readonly requestHash: Uint8Array;
};

/** @throws RangeError where a hash has not 32 bytes, or is not the one that the voucher carries the beginning of */
export function voucherClaims(voucher: Voucher, grounds: VoucherGrounds): VoucherClaims {
  if (!isTruncatedHashOf(voucher.requestHash, grounds.requestHash))
    throw new RangeError('requestHash differs');
  if (!isTruncatedHashOf(voucher.offerHash, grounds.offerHash)) throw new RangeError('offerHash differs');
  return {
    iss: grounds.programme,
    jti: bytesToHex(voucher.transactionId),
    iat: voucher.serverTimeS,
    touchpoint: bytesToHex(voucher.touchpointId),
    action: voucher.action,
    amountMinor: voucher.amountMinor,
    offer: grounds.offer,
    offerVersion: grounds.offerVersion,
    offerHash: bytesToBase64url(grounds.offerHash),
    requestHash: bytesToBase64url(grounds.requestHash),
  };
}

/** The header is the same for all that a key signs. */
const headers = new WeakMap<AsyncSigner, string>();

function headerOf(hashing: Pick<Hashing, 'sha256'>, signer: AsyncSigner): string {
  const known = headers.get(signer);
  if (known !== undefined) return known;
  const kid = jwkThumbprint(hashing, signer.publicKey.bytes);
  const header = bytesToBase64url(utf8(JSON.stringify({ alg: 'EdDSA', kid, typ: VOUCHER_JWS_TYPE })));
  headers.set(signer, header);
  return header;
}

function signingInput(hashing: Pick<Hashing, 'sha256'>, claims: VoucherClaims, signer: AsyncSigner): string {
  return `${headerOf(hashing, signer)}.${bytesToBase64url(utf8(JSON.stringify(claims)))}`;
}

export function signVoucherJws(
  hashing: Pick<Hashing, 'sha256'>,
  claims: VoucherClaims,
  signer: Signer,
): string {
  const input = signingInput(hashing, claims, signer);
  return `${input}.${bytesToBase64url(signer.sign(utf8(input)))}`;
}

/** As signVoucherJws, where signing is asynchronous. */
export async function signVoucherJwsAsync(
  hashing: Pick<Hashing, 'sha256'>,
  claims: VoucherClaims,
  signer: AsyncSigner,
): Promise<string> {
  const input = signingInput(hashing, claims, signer);
  return `${input}.${bytesToBase64url(await signer.sign(utf8(input)))}`;
}

export type JwsParts = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: VoucherClaims;
  /** The ASCII bytes that are signed. */
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
};

function parseJson(part: string): Record<string, unknown> {
  const bytes = base64urlToBytes(part, VOUCHER_JWS_CHARS_MAX);
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes ?? new Uint8Array()),
    );
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through: what is no JSON is as malformed as what is no object.
  }
  throw new TapsealError('message_malformed', 'JWS');
}

const claimTypes = {
  iss: 'string',
  jti: 'string',
  iat: 'number',
  touchpoint: 'string',
  action: 'string',
  amountMinor: 'number',
  offer: 'string',
  offerVersion: 'number',
  offerHash: 'string',
  requestHash: 'string',
} as const satisfies Record<keyof VoucherClaims, string>;

/**
 * Splits a JWS without trusting it.
 * @throws TapsealError message_too_long, message_malformed
 */
export function decodeVoucherJws(jws: string): JwsParts {
  if (jws.length > VOUCHER_JWS_CHARS_MAX) throw new TapsealError('message_too_long', 'JWS');
  const [header, payload, signature, ...rest] = jws.split('.');
  const signatureBytes = base64urlToBytes(signature ?? '', SIGNATURE_BYTES);
  if (
    header === undefined ||
    payload === undefined ||
    rest.length > 0 ||
    signatureBytes?.length !== SIGNATURE_BYTES
  ) {
    throw new TapsealError('message_malformed', 'JWS');
  }
  const claims = parseJson(payload);
  for (const [name, type] of Object.entries(claimTypes)) {
    if (typeof claims[name] !== type) throw new TapsealError('message_malformed', `JWS claim ${name}`);
  }
  return {
    header: parseJson(header),
    claims: claims as VoucherClaims,
    signingInput: utf8(`${header}.${payload}`),
    signature: signatureBytes,
  };
}

/**
 * The algorithm is fixed: a header with any other `alg` or `typ`, or with `crit`, is refused (RFC 8725 §3.1, §3.11).
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid
 */
export async function verifyVoucherJws(
  crypto: AsyncVerifying & Pick<Hashing, 'sha256'>,
  jws: string,
  keys: readonly VoucherKey[],
): Promise<VoucherClaims> {
  const { header, claims, signingInput, signature } = decodeVoucherJws(jws);
  if (header.alg !== 'EdDSA' || header.typ !== VOUCHER_JWS_TYPE || 'crit' in header) {
    throw new TapsealError('suite_unsupported', 'JWS header');
  }
  const key = keys.find((candidate) => jwkThumbprint(crypto, candidate.publicKey.bytes) === header.kid);
  if (key === undefined || !(await crypto.verify(key.publicKey, signingInput, signature))) {
    throw new TapsealError('voucher_signature_invalid');
  }
  return claims;
}
