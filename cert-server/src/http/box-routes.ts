/** What a box, or the operator who carries its file, calls: enrolment. */
import { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { enrolBox } from '../enrol/enrol-box.js';
import type { App, RouteParts } from './app-types.js';
import { bodyProblems, problems } from './problem-responses.js';

export function boxRoutes(app: App, { context, limits }: RouteParts): void {
  app.post(
    '/v1/enrolments',
    {
      onRequest: limits.enrolment,
      schema: {
        tags: ['touchpoint'],
        summary: 'Enrols a box by an enrolment code, which works once and for 15 minutes',
        body: EnrolmentRequest,
        response: {
          200: EnrolmentResponse,
          ...problems(
            'rate_limited',
            'enrolment_code_invalid',
            'enrolment_request_invalid',
            'message_malformed',
            'message_too_long',
            'suite_unsupported',
            ...bodyProblems,
          ),
        },
      },
    },
    async (request) => enrolBox(context, request.body),
  );
}
