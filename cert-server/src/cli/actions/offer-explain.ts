/** `tapseal offer explain` */
import type { CommandContext, GlobalOptions } from '../command-context.js';
import {
  type ExplainOptions,
  explanationHeading,
  fetchExplanation,
  verdictSentence,
  windowSentence,
} from '../explained-offer.js';
import { renderLimits } from '../limit-table.js';
import { printAnswer } from '../print-answer.js';
import { printable } from '../printable.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';

export async function offerExplain(
  context: CommandContext,
  options: GlobalOptions & ExplainOptions,
  offer: string,
): Promise<void> {
  const session = openSession(context, options);
  const explanation = await fetchExplanation(session, offer, options);
  printAnswer(context, options, explanation, () => {
    const style = styleOf(context.stdout);
    const { verdict, limits, currency, timeZone } = explanation;
    const paint = verdict.granted ? style.green : style.red;
    const rows = limits.map(({ rule, of, maximum, ...usage }) => ({ rule, of, maximum, usage }));
    return [
      style.bold(printable(explanationHeading(explanation))),
      paint(printable(verdictSentence(explanation))),
      printable(windowSentence(explanation)),
      '',
      rows.length === 0
        ? 'No limit holds for it.'
        : renderLimits(context.stdout, rows, { currency, timeZone, apart: '' }),
    ].join('\n');
  });
}
