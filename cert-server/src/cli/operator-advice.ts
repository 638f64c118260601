/** What an operator does about a code whose advice is written for the developer of a phone. */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { CommandProblem } from './problem-error.js';

const advice: Partial<Record<ErrorCode, string>> = {
  offer_unknown: 'Look its name up with `tapseal offer list`.',
  phone_unknown: 'Look its id up with `tapseal phone list`.',
  programme_unknown: 'Look its name up with `tapseal programme list`, and give it with --programme.',
  token_missing: 'Set TAPSEAL_TOKEN, or give --token-file FILE.',
  token_forbidden: 'Use a token of a role that may do this; docs/operations.md ("Tokens") lists them.',
  body_invalid: 'Mend what the line above names; the command has a --help.',
  rate_limited: 'Wait a minute, then try again.',
  server_busy: 'Try again in a few seconds.',
};

/** Problems of the server only: those of the command itself say better what to do here. */
export function forOperator(problem: CommandProblem): CommandProblem {
  const own = problem.status === undefined ? undefined : advice[problem.code];
  return own === undefined ? problem : { ...problem, advice: own };
}
