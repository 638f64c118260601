/** The problem responses of a route for its schema: one entry a status, naming the codes. */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { Problem } from '@tapseal/shared/http-api';
import { httpStatusOf, PROBLEM_MEDIA_TYPE } from './problem.js';

/** What any route with a body may answer. */
export const bodyProblems = ['body_invalid', 'body_too_long', 'media_type_unsupported'] as const;

/** What any route behind a token may answer. */
export const tokenProblems = ['token_missing', 'token_invalid', 'token_forbidden'] as const;

type ProblemResponse = {
  readonly description: string;
  readonly content: { readonly [PROBLEM_MEDIA_TYPE]: { readonly schema: typeof Problem } };
};

export function problems(...codes: readonly ErrorCode[]): Record<string, ProblemResponse> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of ['internal_error', 'server_busy', ...codes] as const) {
    const status = httpStatusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      String(status),
      { description: names.join(', '), content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } } },
    ]),
  );
}
