/** The one request of a tap after the approval: a voucher, or a problem with the signed refusal. */
import { REQUEST_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { RedeemAnswer, RedeemBody } from '@tapseal/shared/http-api';
import { redeem } from '../redeem/redeem.js';
import { signAnswer, signRefused } from '../redeem/sign-decision.js';
import { instantText } from '../store/instant-text.js';
import type { Decision, Grant, RefusalRecord } from '../store/records.js';
import type { App, RouteParts } from './app-types.js';
import { sendProblem } from './problem.js';
import { bodyProblems, problems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';
import { refusalCount } from './refusal-count.js';

function describeRefusal({ rule, used, maximum }: RefusalRecord): string {
  return maximum === 0 ? rule : `${rule}: ${refusalCount(rule, used, maximum, ' of ')} used`;
}

export function redemptionRoute(app: App, { context, limits, metrics, feed }: RouteParts): void {
  const { authority, store } = context;

  const noteDecision = (programme: string, decision: Decision): void => {
    metrics.decided(decision.granted ? 'granted' : 'refused', decision.granted ? 'granted' : decision.code);
    if (decision.granted && decision.holdEndsAtMs !== undefined) metrics.holdChanged('held');
    feed.decided(programme);
  };
  const answer = async (programme: string, grant: Grant): Promise<RedeemAnswer> => {
    const isBoxBehind = grant.boxManifestVersion < grant.manifestVersion;
    const manifest = isBoxBehind ? await store.findManifest(programme) : undefined;
    const { voucher, jws } = await signAnswer(context, programme, grant);
    return {
      transactionId: bytesToHex(grant.transactionId),
      voucher: bytesToBase64url(voucher),
      jws,
      ...(manifest === undefined ? {} : { manifest: bytesToBase64url(manifest.bytes) }),
    };
  };

  app.post(
    `${PROGRAMME_PATH}/redemptions`,
    {
      onRequest: limits.phone,
      schema: {
        tags: ['phone'],
        summary: 'Redeems an offer: decides, records, signs; the same request again gets the same answer',
        params: ProgrammeParams,
        body: RedeemBody,
        response: {
          200: RedeemAnswer,
          ...problems(
            'programme_unknown',
            'rate_limited',
            'message_malformed',
            'message_too_long',
            'suite_unsupported',
            'nonce_invalid',
            'nonce_expired',
            'phone_unknown',
            'phone_revoked',
            'phone_certificate_invalid',
            'phone_signature_invalid',
            'transaction_conflict',
            'seal_invalid',
            'touchpoint_unknown',
            'touchpoint_revoked',
            'touchpoint_certificate_invalid',
            'hello_signature_invalid',
            'challenge_mismatch',
            'box_nonce_used',
            'offer_unknown',
            'offer_not_here',
            'offer_paused',
            'offer_amount_mismatch',
            'offer_not_started',
            'offer_ended',
            'window_closed',
            'limit_reached',
            ...bodyProblems,
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const bytes = requireBytes(base64urlToBytes(request.body.request, REQUEST_BYTES_MAX), 'request');
      const { decision, isNew } = await redeem(context, id, bytes);
      if (isNew) noteDecision(id, decision);
      if (decision.granted) return answer(id, decision);
      return sendProblem(reply, decision.code, {
        detail: describeRefusal(decision),
        refusal: bytesToBase64url(signRefused(authority, decision)),
        ...(decision.resetsAtMs === undefined ? {} : { resetsAt: instantText(decision.resetsAtMs) }),
      });
    },
  );
}
