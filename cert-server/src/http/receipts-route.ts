/** Receipts of touchpoints, carried by any phone. */
import { RECEIPT_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToHex } from '@tapseal/shared/bytes';
import { ReceiptsAnswer, ReceiptsBody } from '@tapseal/shared/http-api';
import { acceptReceipts } from '../receipts/accept-receipts.js';
import type { App, RouteParts } from './app-types.js';
import { bodyProblems, problems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

export function receiptsRoute(app: App, { context, limits, metrics, feed }: RouteParts): void {
  app.post(
    `${PROGRAMME_PATH}/receipts`,
    {
      onRequest: limits.phone,
      schema: {
        tags: ['phone'],
        summary: 'Hands receipts in; one result for each, in order',
        description: `Results carry the codes message_malformed, message_too_long, suite_unsupported, touchpoint_unknown,
          touchpoint_certificate_invalid, receipt_signature_invalid, receipt_unknown and receipt_conflict.`,
        params: ProgrammeParams,
        body: ReceiptsBody,
        response: {
          200: ReceiptsAnswer,
          ...problems('programme_unknown', 'rate_limited', 'message_malformed', ...bodyProblems),
        },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(context.store, request.params.programme);
      const receipts = request.body.receipts.map((text) =>
        requireBytes(base64urlToBytes(text, RECEIPT_BYTES_MAX), 'receipts'),
      );
      const results = await acceptReceipts(context, id, receipts);
      for (const result of results) {
        if (result.stored) {
          metrics.receiptTaken(result.isNew ? 'stored' : 'known');
          continue;
        }
        metrics.receiptTaken(result.code);
        if (result.boxId === undefined) continue;
        metrics.forkSeen();
        request.log.warn(
          { reqId: request.id, programme: id, touchpointId: bytesToHex(result.boxId) },
          'the receipt chain of a touchpoint has forked: two boxes may hold its key',
        );
      }
      if (results.some((result) => result.stored && result.isNew)) feed.decided(id);
      return {
        results: results.map((result) =>
          result.stored ? { stored: true } : { stored: false, code: result.code },
        ),
      };
    },
  );
}
