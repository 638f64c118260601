/**
 * What a voucher must pass before the box acts (docs/protocol.md §7.1), in this order, each a named step. Nothing here
 * changes anything: a refused voucher leaves the box as it was.
 */
import type { Action } from '@tapseal/shared/action';
import { SERVER_TIME_SLACK_S } from '@tapseal/shared/bounds';
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import type { Verifying } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Voucher, verifyVoucher } from '@tapseal/shared/voucher';
import type { VoucherKey } from '@tapseal/shared/voucher-key';

export type VoucherTrust = {
  readonly verifying: Verifying;
  /** Of the manifest, without the revoked ones. */
  readonly keys: readonly VoucherKey[];
  readonly touchpointId: Uint8Array;
  readonly isTouchpointRevoked: boolean;
  readonly isTransactionUsed: (transactionIdHex: string) => boolean;
  readonly isNonceOutstanding: (boxNonce: Uint8Array) => boolean;
  /** The newest server time that the box has seen, seconds since 1970. */
  readonly serverTimeS: number;
  /** The box's own configuration. */
  readonly allows: (action: Action, amountMinor: number) => boolean;
};

/**
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid,
 * voucher_wrong_touchpoint, touchpoint_revoked, voucher_used, voucher_nonce_unknown, voucher_time_older,
 * voucher_action_forbidden
 */
export function checkVoucher(bytes: Uint8Array, trust: VoucherTrust): Voucher {
  const voucher = checkShapeAndSignature(bytes, trust);
  checkTouchpoint(voucher, trust);
  checkNotRevoked(trust);
  checkTransactionUnused(voucher, trust);
  checkNonce(voucher, trust);
  checkServerTime(voucher, trust);
  checkAction(voucher, trust);
  return voucher;
}

function checkShapeAndSignature(bytes: Uint8Array, trust: VoucherTrust): Voucher {
  return verifyVoucher(trust.verifying, bytes, trust.keys);
}

function checkTouchpoint(voucher: Voucher, trust: VoucherTrust): void {
  if (!equalBytes(voucher.touchpointId, trust.touchpointId))
    throw new TapsealError('voucher_wrong_touchpoint');
}

function checkNotRevoked(trust: VoucherTrust): void {
  if (trust.isTouchpointRevoked) throw new TapsealError('touchpoint_revoked');
}

/** Before the nonce, so that a repeated voucher is told apart from a late one for as long as it is remembered. */
function checkTransactionUnused(voucher: Voucher, trust: VoucherTrust): void {
  if (trust.isTransactionUsed(bytesToHex(voucher.transactionId))) throw new TapsealError('voucher_used');
}

function checkNonce(voucher: Voucher, trust: VoucherTrust): void {
  if (!trust.isNonceOutstanding(voucher.boxNonce)) throw new TapsealError('voucher_nonce_unknown');
}

function checkServerTime(voucher: Voucher, trust: VoucherTrust): void {
  if (voucher.serverTimeS < trust.serverTimeS - SERVER_TIME_SLACK_S)
    throw new TapsealError('voucher_time_older');
}

function checkAction(voucher: Voucher, trust: VoucherTrust): void {
  if (!trust.allows(voucher.action, voucher.amountMinor)) throw new TapsealError('voucher_action_forbidden');
}
