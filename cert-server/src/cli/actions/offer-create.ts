/** `tapseal offer create` */
import type { Action } from '@tapseal/shared/action';
import { ProgrammeView } from '../../http/admin-schemas.js';
import { OfferAdminView, type OfferBody } from '../../http/offer-schemas.js';
import type { CommandContext } from '../command-context.js';
import { amountMinorOf, type OfferOptions } from '../offer-options.js';
import { offerSentence } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { printable } from '../printable.js';
import { rulesOf } from '../rules/rule-options.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';

type Options = OfferOptions & { readonly touchpoint: readonly string[]; readonly action: Action };

function bodyOf(id: string, options: Options, currency: string): OfferBody {
  const { title, amount, key, timeZone } = options;
  return {
    id,
    touchpoints: [...options.touchpoint],
    action: options.action,
    ...(title === undefined ? {} : { title }),
    ...(amount === undefined ? {} : { amountMinor: amountMinorOf(amount, currency) }),
    ...(key === undefined ? {} : { keys: key }),
    ...(timeZone === undefined || timeZone === false ? {} : { timeZone }),
    rules: rulesOf(options, currency),
  };
}

/** It may be meant, and is nearly always a slip in the year. */
async function warnOfEnd(context: CommandContext, { id, rules, timeZone }: OfferAdminView): Promise<void> {
  if (rules.validTo === undefined) return;
  const { validityOf } = await import('../../decision/validity.js');
  if (validityOf(rules, timeZone).toMs > context.now()) return;
  context.stderr.write(
    `warning: the offer ${id} is over already (--valid-to ${rules.validTo}): it grants nothing.\n`,
  );
}

export async function offerCreate(context: CommandContext, options: Options, offer: string): Promise<void> {
  // In any currency: what is wrong in the words themselves is said before a server is asked.
  rulesOf({ ...options, limit: [], step: false }, 'EUR');
  const session = openSession(context, options);
  const { currency } = await session.client.call({ path: session.route('') }, ProgrammeView);
  const created = await session.client.call(
    { method: 'POST', path: session.route('/offers'), body: bodyOf(offer, options, currency) },
    OfferAdminView,
  );
  await warnOfEnd(context, created);
  printAnswer(context, options, created, () => {
    const style = styleOf(context.stdout);
    return [
      `${style.green('Created')} the offer ${style.bold(created.id)}${created.title === created.id ? '' : ` (${printable(created.title)})`}.`,
      printable(offerSentence(created)),
      style.dim(`Phones see it from now on. To pause it: tapseal offer pause ${created.id}`),
    ].join('\n');
  });
}
