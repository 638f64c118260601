/**
 * From the approval to the server's word (docs/protocol.md §6.4 to §6.6): sign, store, send; repeat the same bytes while the
 * network is at fault; verify the answer. Only a voucher that passes here is carried to a box.
 */

import { REQUEST_BYTES_MAX, TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import {
  base64urlToBytes,
  bytesToBase64url,
  bytesToHex,
  equalBytes,
  hexToBytes,
} from '@tapseal/shared/bytes';
import { errorTable } from '@tapseal/shared/error-codes';
import type { OfferView } from '@tapseal/shared/http-api';
import type { Refusal } from '@tapseal/shared/refusal';
import { decodeRequest, signRequest } from '@tapseal/shared/request';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { truncatedHash } from '@tapseal/shared/truncated-hash';
import type { Voucher } from '@tapseal/shared/voucher';
import type { HeldHello } from './approach.js';
import type { RefusalView } from './events.js';
import type { Clock, Outbox, OutboxTransaction, PhoneCrypto } from './ports.js';
import type { Identity } from './register.js';
import { withNetworkRetries } from './retry.js';
import type { Scope } from './scope.js';
import type { RedeemResult, Server } from './server.js';
import type { VoucherKeys } from './voucher-keys.js';

export type RedeemDeps = {
  readonly clock: Clock;
  readonly crypto: PhoneCrypto;
  readonly outbox: Outbox;
  readonly server: Pick<Server, 'redeem'>;
  readonly voucherKeys: VoucherKeys;
};

export type Grant = {
  readonly type: 'grant';
  /** Verified. Its amount is what is awarded. */
  readonly voucher: Voucher;
  /** What the shopper approved. */
  readonly amountMinor: number;
  readonly voucherBytes: Uint8Array;
  readonly jws: string;
  readonly manifest: Uint8Array | undefined;
};

export type Decision = Grant | { readonly type: 'refusal'; readonly refusal: RefusalView };

/** The amounts of a grant, as events show them. */
export function awardOf({ amountMinor, voucher }: Grant): { amountMinor: number; awardedMinor: number } {
  return { amountMinor, awardedMinor: voucher.amountMinor };
}

/** What the shopper approved; the answer must be about this. */
type Approved = { readonly touchpointIdHex: string; readonly offer: OfferView };

/** Signs the approval and makes it durable. Nothing has been sent when this settles. */
export async function storeApproval(
  deps: Pick<RedeemDeps, 'outbox'>,
  identity: Identity,
  hello: HeldHello,
  approved: Approved & { readonly touchpointName: string },
): Promise<OutboxTransaction> {
  const request = await signRequest(
    {
      programme: identity.programme,
      serverNonce: hello.serverNonce,
      transactionId: hello.transactionId,
      phoneId: identity.phoneId,
      offer: approved.offer.id,
      amountMinor: approved.offer.amountMinor,
      sealedHello: hello.sealedHello,
    },
    identity.signer,
  );
  const transaction: OutboxTransaction = {
    kind: 'transaction',
    id: hello.transactionIdHex,
    programme: identity.programme,
    offer: approved.offer.id,
    touchpointName: approved.touchpointName,
    request: bytesToBase64url(request),
  };
  await deps.outbox.put(transaction);
  return transaction;
}

/**
 * @param approved absent for a transaction of an earlier run, whose offer and touchpoint are not known any more
 * @throws TapsealError network_unavailable after `totalMs`, the code of a problem, or why the answer did not verify
 */
export async function redeem(
  deps: RedeemDeps,
  scope: Scope,
  transaction: OutboxTransaction,
  totalMs: number,
  approved?: Approved,
): Promise<Decision> {
  const request = base64urlToBytes(transaction.request, REQUEST_BYTES_MAX);
  const transactionId = hexToBytes(transaction.id, TRANSACTION_ID_BYTES);
  if (request === undefined || transactionId === undefined)
    throw new TapsealError('internal_error', 'outbox: transaction');
  const { clock, crypto, server, voucherKeys } = deps;
  const result = await withNetworkRetries(clock, scope, totalMs, () =>
    server.redeem(request, transaction.id),
  );
  const requestHash = crypto.sha256(request);
  // Keys that have to be fetched first may need the network too.
  const check = (): Promise<Decision> =>
    verifyDecision(voucherKeys, result, { transactionId, requestHash, request }, approved);
  return withNetworkRetries(clock, scope, totalMs, check);
}

async function verifyDecision(
  keys: VoucherKeys,
  result: RedeemResult,
  asked: { transactionId: Uint8Array; requestHash: Uint8Array; request: Uint8Array },
  approved: Approved | undefined,
): Promise<Decision> {
  if (result.type === 'refusal') {
    const refusal = await keys.verifyRefusal(result.refusal);
    checkAnswers('refusal', refusal, asked.transactionId, asked.requestHash);
    return { type: 'refusal', refusal: viewOf(refusal, result.refusal) };
  }
  const voucher = await keys.verifyVoucher(result.voucher);
  checkAnswers('voucher', voucher, asked.transactionId, truncatedHash(asked.requestHash));
  const { amountMinor } = decodeRequest(asked.request).request;
  checkApproved(voucher, amountMinor, approved);
  return {
    type: 'grant',
    voucher,
    amountMinor,
    voucherBytes: result.voucher,
    jws: result.jws,
    manifest: result.manifest,
  };
}

/** A genuine answer to something else is no answer. The hash has the length that this kind of answer carries. */
function checkAnswers(
  kind: string,
  answer: Pick<Voucher, 'transactionId' | 'requestHash'>,
  transactionId: Uint8Array,
  requestHash: Uint8Array,
): void {
  if (!equalBytes(answer.transactionId, transactionId))
    throw new TapsealError('server_answer_invalid', `${kind}: transaction`);
  if (!equalBytes(answer.requestHash, requestHash))
    throw new TapsealError('server_answer_invalid', `${kind}: request hash`);
}

function checkApproved(voucher: Voucher, amountMinor: number, approved: Approved | undefined): void {
  // Less is an award in part, where a limit had no more left. More was never approved.
  if (voucher.amountMinor > amountMinor) throw new TapsealError('server_answer_invalid', 'voucher: amount');
  if (approved === undefined) return;
  // The box that was connected to is not the one whose advert was shown: a relay, or two boxes that changed addresses.
  if (bytesToHex(voucher.touchpointId) !== approved.touchpointIdHex)
    throw new TapsealError('voucher_wrong_touchpoint');
  if (voucher.action !== approved.offer.action)
    throw new TapsealError('server_answer_invalid', 'voucher: action');
}

function viewOf(refusal: Refusal, signed: Uint8Array): RefusalView {
  return {
    code: refusal.code,
    advice: errorTable[refusal.code].advice,
    rule: refusal.rule,
    used: refusal.used,
    maximum: refusal.maximum,
    ...(refusal.resetsAtS === 0 ? {} : { resetsAt: new Date(refusal.resetsAtS * 1_000).toISOString() }),
    signed: bytesToBase64url(signed),
  };
}
