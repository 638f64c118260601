/**
 * Everything that can go wrong in a command, in the one shape in which it is shown: the problem of RFC 9457, whether a
 * server sent it or the command found the fault itself. Details never hold a token.
 */
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';
import type { Problem } from '@tapseal/shared/http-api';
import { isTapsealError } from '@tapseal/shared/tapseal-error';

/** A problem with a known code, and maybe without a status: a fault found on this side has none. */
export type CommandProblem = Omit<Problem, 'status' | 'code'> & {
  readonly code: ErrorCode;
  readonly status?: number;
};

export class ProblemError extends Error {
  readonly problem: CommandProblem;

  constructor(problem: CommandProblem, options?: { cause?: unknown }) {
    super(problem.title, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** A fault found on this side. `detail` says what happened here; without `advice` the code's own stands. */
export function problemError(
  code: ErrorCode,
  detail: string,
  advice?: string,
  options?: { cause?: unknown },
): ProblemError {
  const entry = errorTable[code];
  return new ProblemError(
    { type: `urn:tapseal:problem:${code}`, title: entry.title, code, detail, advice: advice ?? entry.advice },
    options,
  );
}

const QUOTED_CHARS_MAX = 80;
const WORD_CHARS_MAX = 160;

/** What is repeated of something that was typed is no longer than who reads it needs: between quotes, or a word by itself. */
function abridged(text: string): string {
  return text
    .replaceAll(/(?<![^\s(=])(['"])((?:(?!\1).)*)\1/gs, (whole, quote: string, quoted: string) => {
      const characters = [...quoted];
      if (characters.length <= QUOTED_CHARS_MAX) return whole;
      return `${quote}${characters.slice(0, QUOTED_CHARS_MAX).join('')}…${quote}`;
    })
    .replaceAll(/\S+/g, (word) =>
      word.length <= WORD_CHARS_MAX ? word : `${[...word].slice(0, QUOTED_CHARS_MAX).join('')}…`,
    );
}

/** A fault in what was typed, with what would have been right. */
export function usageError(detail: string, advice: string): ProblemError {
  return problemError('usage_invalid', abridged(detail), advice);
}

/** Any thrown value as a problem. What nobody foresaw keeps its message, since the operator is the only one to report it. */
export function problemOf(error: unknown): CommandProblem {
  if (error instanceof ProblemError) return error.problem;
  if (isTapsealError(error)) return problemError(error.code, error.detail ?? error.message).problem;
  const message = error instanceof Error ? error.message : String(error);
  return problemError(
    'internal_error',
    message,
    'Nothing was confirmed; look at the state with `list` or `show`.',
  ).problem;
}
