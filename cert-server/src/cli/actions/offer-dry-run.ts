/** `tapseal offer dry-run`: the verdict alone, also as exit code. */
import { errorTable, isErrorCode } from '@tapseal/shared/error-codes';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import {
  type ExplainOptions,
  explanationHeading,
  fetchExplanation,
  verdictSentence,
} from '../explained-offer.js';
import { printAnswer } from '../print-answer.js';
import { printable } from '../printable.js';
import { ProblemError } from '../problem-error.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';

export async function offerDryRun(
  context: CommandContext,
  options: GlobalOptions & ExplainOptions,
  offer: string,
): Promise<void> {
  const session = openSession(context, options);
  const explanation = await fetchExplanation(session, offer, options);
  const { verdict } = explanation;
  const sentence = verdictSentence(explanation);
  printAnswer(context, options, explanation, () => {
    const style = styleOf(context.stdout);
    const paint = verdict.granted ? style.green : style.red;
    return `${printable(explanationHeading(explanation))}\n${paint(printable(sentence))}`;
  });
  if (verdict.granted) return;
  const code = isErrorCode(verdict.code) ? verdict.code : 'server_answer_invalid';
  // Without a detail: the sentence above has said it.
  throw new ProblemError({
    type: `urn:tapseal:problem:${code}`,
    title: errorTable[code].title,
    code,
    advice: `See \`tapseal offer explain ${offer}\` for every limit.`,
  });
}
