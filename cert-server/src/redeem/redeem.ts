/** Redemption (docs/protocol.md §7.1): the steps in their order. Each refuses with its own code and changes nothing. */
import type { Request } from '@tapseal/shared/request';
import { hearHello } from '../rotation/hear-hello.js';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord, Decision } from '../store/records.js';
import { checkChallenge } from './check-challenge.js';
import { checkNonce } from './check-nonce.js';
import { checkPhone } from './check-phone.js';
import { checkTouchpoint } from './check-touchpoint.js';
import { assertSameRequest, findAnswer } from './find-answer.js';
import { redeemPlan } from './make-decision.js';
import { type OpenedHello, openSeal } from './open-seal.js';
import { partyOf } from './party-of.js';
import { readRequest } from './read-request.js';

export type Redemption = {
  readonly decision: Decision;
  /** False where the answer was on record already. */
  readonly isNew: boolean;
};

type HelloProof = { readonly opened: OpenedHello; readonly box: BoxRecord };

/** Steps 5 to 7. @throws TapsealError of whichever refuses */
async function proveHello(
  context: ServerContext,
  programme: string,
  request: Request,
  nowMs: number,
): Promise<HelloProof> {
  const opened = await openSeal(context.signatures, request.sealedHello);
  const box = await checkTouchpoint(context, programme, opened, nowMs);
  checkChallenge(context.crypto, opened.hello, request);
  return { opened, box };
}

/**
 * A transaction that is on record has its answer whatever has become of its nonce, its hello or its touchpoint since (step 4).
 * The record is looked for where one of them refuses, and by the store itself: nearly all requests are new, and are not looked
 * up twice.
 * @param bytes the signed request
 * @returns the decision, durable before this returns; to be signed by the caller
 * @throws TapsealError with the code of the step that refused
 */
export async function redeem(
  context: ServerContext,
  programme: string,
  bytes: Uint8Array,
): Promise<Redemption> {
  const { store, authority, crypto } = context;
  const nowMs = context.now();

  const read = readRequest(programme, bytes);
  const { request } = read;
  const { transactionId } = request;
  const expired = checkNonce(crypto, authority, programme, request.serverNonce, nowMs);
  const phone = await checkPhone(context, programme, read, nowMs);

  const requestHash = crypto.sha256(bytes);
  let proof: HelloProof;
  try {
    if (expired !== undefined) throw expired;
    proof = await proveHello(context, programme, request, nowMs);
  } catch (fault) {
    const answer = await findAnswer(store, programme, transactionId, requestHash);
    if (answer === undefined) throw fault;
    return { decision: answer, isNew: false };
  }

  const { opened, box } = proof;
  const { boxNonce } = opened.hello;
  const decidedAtMs = context.now();
  const { decision, recordedBefore } = await store.redeem(
    { programme, transactionId, boxId: box.id, boxNonce, offer: request.offer, nowMs: decidedAtMs },
    redeemPlan({
      party: partyOf(phone, box),
      transactionId,
      requestHash,
      phoneId: phone.id,
      shopper: phone.shopper,
      boxId: box.id,
      touchpoint: box.name,
      boxNonce,
      offer: request.offer,
      amountMinor: request.amountMinor,
      decidedAtMs,
      // Of a moment ago. It only grows, so it is true still; what came since, the next voucher says.
      receiptsThrough: box.receiptsThrough,
      boxManifestVersion: opened.hello.manifestVersion,
      voucherKeyId: authority.voucherKeyId,
    }),
  );
  // Two copies of one transaction at once: the first to be recorded is the answer to both.
  assertSameRequest(decision, requestHash);
  // What was recorded before was heard before: its hello may be as old as a nonce may be, and the box stands elsewhere by now.
  if (!recordedBefore) await hearHello(context, programme, box, opened.hello, nowMs);
  return { decision, isNew: !recordedBefore };
}
