/** Exit codes of `tapseal` (docs/operations.md lists them): a script can act on these without reading text. */
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';

export const EXIT_OK = 0;
/** The server refused, or a check failed. */
export const EXIT_REFUSED = 1;
/** The command line, a file given to it or the profile has a fault. */
export const EXIT_USAGE = 2;
/** Server or database cannot be reached, are too busy, or no certificate server is there: trying again later may help. */
export const EXIT_UNREACHABLE = 3;
/** What the command names does not exist. */
export const EXIT_NOT_FOUND = 4;
/** The token is missing, no longer valid, or its role does not allow this; or the database does not let its user in. */
export const EXIT_FORBIDDEN = 5;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage_invalid':
    case 'config_invalid':
      return EXIT_USAGE;
    case 'network_unavailable':
    case 'database_unavailable':
    case 'server_answer_invalid':
    case 'server_busy':
    case 'rate_limited':
      return EXIT_UNREACHABLE;
    case 'token_missing':
    case 'token_invalid':
    case 'token_forbidden':
    case 'database_login_refused':
      return EXIT_FORBIDDEN;
    case 'not_initialised':
    case 'database_missing':
    // Its status is 403, since phones ask more often than operators.
    case 'phone_unknown':
      return EXIT_NOT_FOUND;
    default: {
      const entry: { readonly http?: number } = errorTable[code];
      return entry.http === 404 ? EXIT_NOT_FOUND : EXIT_REFUSED;
    }
  }
}
