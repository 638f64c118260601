/** What an operator does about a code whose advice is written for the developer of a phone. */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { CommandProblem } from './problem-error.js';

const advice: Partial<Record<ErrorCode, string>> = {
  offer_unknown: 'Look its name up with `tapseal offer list`.',
  version_conflict: 'Look at it with `tapseal offer show`, then give the change again.',
  labels_full: 'Take a label away with --no-label NAME first.',
  shopper_unknown: 'Look its id up with `tapseal phone list`.',
  offer_not_here: 'Look its touchpoints up with `tapseal offer show`.',
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
