/**
 * Step 12: signs what is on record. Ed25519 is deterministic, so the same record gives the same bytes whenever it is asked
 * for: a crash between record and answer is healed by the phone's retry.
 */
import { UINT32_MAX } from '@tapseal/shared/bounds';
import { equalBytes } from '@tapseal/shared/bytes';
import type { Hashing } from '@tapseal/shared/crypto-port';
import { signRefusal } from '@tapseal/shared/refusal';
import { truncatedHash } from '@tapseal/shared/truncated-hash';
import { signVoucher, signVoucherAsync, type Voucher } from '@tapseal/shared/voucher';
import {
  signVoucherJws,
  signVoucherJwsAsync,
  type VoucherClaims,
  voucherClaims,
} from '@tapseal/shared/voucher-jws';
import type { Authority } from '../authority/authority.js';
import type { ServerContext } from '../server-context.js';
import type { Decision, Grant, RefusalRecord } from '../store/records.js';

type SigningAuthority = Pick<Authority, 'voucherSigner' | 'voucherKeyId'>;

function assertKeyOf(authority: SigningAuthority, decision: Decision): void {
  if (!equalBytes(authority.voucherKeyId, decision.voucherKeyId)) {
    throw new Error('the voucher key that this decision was recorded for is not in the data directory');
  }
}

function offerHashOf({ offerHash }: Grant): Uint8Array {
  if (offerHash === undefined) throw new Error('a grant is recorded without the hash of its offer');
  return offerHash;
}

function voucherOf(grant: Grant): Voucher {
  return {
    touchpointId: grant.boxId,
    boxNonce: grant.boxNonce,
    transactionId: grant.transactionId,
    action: grant.action,
    amountMinor: grant.awardedMinor,
    serverTimeS: Math.floor(grant.decidedAtMs / 1_000),
    manifestVersion: grant.manifestVersion,
    receiptsThrough: grant.receiptsThrough,
    requestHash: truncatedHash(grant.requestHash),
    offerHash: truncatedHash(offerHashOf(grant)),
  };
}

function claimsOf(programme: string, grant: Grant, voucher: Voucher): VoucherClaims {
  return voucherClaims(voucher, {
    programme,
    offer: grant.offer,
    offerVersion: grant.offerVersion,
    offerHash: offerHashOf(grant),
    requestHash: grant.requestHash,
  });
}

/** The COSE voucher of a grant. */
export function signGrant(authority: SigningAuthority, grant: Grant): Uint8Array {
  assertKeyOf(authority, grant);
  return signVoucher(voucherOf(grant), authority.voucherSigner, authority.voucherKeyId);
}

/** The same voucher as a compact JWS. */
export function signGrantJws(
  hashing: Pick<Hashing, 'sha256'>,
  authority: SigningAuthority,
  programme: string,
  grant: Grant,
): string {
  assertKeyOf(authority, grant);
  return signVoucherJws(hashing, claimsOf(programme, grant, voucherOf(grant)), authority.voucherSigner);
}

/** Both at once: two threads may sign, or one while the answer is put together. */
export async function signAnswer(
  { crypto, authority, signatures }: Pick<ServerContext, 'crypto' | 'authority' | 'signatures'>,
  programme: string,
  grant: Grant,
): Promise<{ readonly voucher: Uint8Array; readonly jws: string }> {
  assertKeyOf(authority, grant);
  const voucher = voucherOf(grant);
  const [signedVoucher, jws] = await Promise.all([
    signVoucherAsync(voucher, signatures, authority.voucherKeyId),
    signVoucherJwsAsync(crypto, claimsOf(programme, grant, voucher), signatures),
  ]);
  return { voucher: signedVoucher, jws };
}

/** Rounded up: a phone that tries again at this second must not be early. A time past 2106, which 32 bits do not hold, is never. */
function resetSecond(resetsAtMs: number | undefined): number {
  const resetsAtS = Math.ceil((resetsAtMs ?? 0) / 1_000);
  return resetsAtS > UINT32_MAX ? 0 : resetsAtS;
}

export function signRefused(authority: SigningAuthority, refusal: RefusalRecord): Uint8Array {
  assertKeyOf(authority, refusal);
  return signRefusal(
    {
      transactionId: refusal.transactionId,
      code: refusal.code,
      rule: refusal.rule,
      used: refusal.used,
      maximum: refusal.maximum,
      resetsAtS: resetSecond(refusal.resetsAtMs),
      serverTimeS: Math.floor(refusal.decidedAtMs / 1_000),
      requestHash: refusal.requestHash,
    },
    authority.voucherSigner,
    authority.voucherKeyId,
  );
}
