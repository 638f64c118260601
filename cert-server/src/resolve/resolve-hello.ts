/** What is this box? For platforms that hide adverts, and for boxes whose adverts the server has lost track of. */
import { checkServerNonce } from '@tapseal/shared/server-nonce';
import { checkChallenge } from '../redeem/check-challenge.js';
import { checkTouchpoint } from '../redeem/check-touchpoint.js';
import { openSeal } from '../redeem/open-seal.js';
import { hearHello } from '../rotation/hear-hello.js';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord } from '../store/records.js';

export type HelloQuestion = {
  readonly sealedHello: Uint8Array;
  readonly serverNonce: Uint8Array;
  readonly phoneId: Uint8Array;
  readonly transactionId: Uint8Array;
};

/**
 * @throws TapsealError nonce_invalid, nonce_expired, seal_invalid, message_malformed, touchpoint_unknown, touchpoint_revoked,
 *   touchpoint_certificate_invalid, hello_signature_invalid, challenge_mismatch
 */
export async function resolveHello(
  context: ServerContext,
  programme: string,
  question: HelloQuestion,
  nowMs: number,
): Promise<BoxRecord> {
  const { authority, crypto, signatures } = context;
  checkServerNonce(crypto, authority.nonceKey, programme, nowMs, question.serverNonce);
  const opened = await openSeal(signatures, question.sealedHello);
  const box = await checkTouchpoint(context, programme, opened, nowMs);
  checkChallenge(crypto, opened.hello, question);
  await hearHello(context, programme, box, opened.hello, nowMs);
  return box;
}
