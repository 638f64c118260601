/** `tapseal offer change` */
import canonicalize from 'canonicalize';
import { ProgrammeView } from '../../http/admin-schemas.js';
import { OfferAdminView, type OfferChangeBody } from '../../http/offer-schemas.js';
import type { CommandContext } from '../command-context.js';
import { fieldLines } from '../fields-view.js';
import { amountMinorOf, type OfferOptions } from '../offer-options.js';
import { offerSentence, offerUsage } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { rulesOf } from '../rules/rule-options.js';
import { openSession, type Session } from '../session.js';
import { styleOf } from '../style.js';

type Options = OfferOptions & { readonly keys?: boolean };

async function timeZoneOf(session: Session, options: Options, before: OfferAdminView): Promise<string> {
  if (options.timeZone !== false) return options.timeZone ?? before.timeZone;
  return (await session.client.call({ path: session.route('') }, ProgrammeView)).timeZone;
}

/** The next version: the one before, with what is given. */
async function nextVersion(
  session: Session,
  options: Options,
  before: OfferAdminView,
): Promise<OfferChangeBody> {
  const { currency } = before;
  const { title = before.title, touchpoint = before.touchpoints, action = before.action, amount } = options;
  return {
    version: before.version + 1,
    title,
    touchpoints: [...touchpoint],
    action,
    amountMinor: amount === undefined ? before.amountMinor : amountMinorOf(amount, currency),
    timeZone: await timeZoneOf(session, options, before),
    keys: { ...(options.keys === false ? {} : before.keys), ...options.key },
    rules: rulesOf(options, currency, before.rules),
  };
}

function isSame(before: OfferAdminView, next: OfferChangeBody): boolean {
  const { title, touchpoints, action, amountMinor, timeZone, keys, rules } = before;
  const { version } = next;
  // Canonical: the order of members tells nothing.
  return (
    canonicalize(next) ===
    canonicalize({ version, title, touchpoints, action, amountMinor, timeZone, keys, rules })
  );
}

export async function offerChange(context: CommandContext, options: Options, id: string): Promise<void> {
  const session = openSession(context, options);
  const path = session.route(`/offers/${id}`);
  const before = await session.client.call({ path }, OfferAdminView);
  const body = await nextVersion(session, options, before);
  if (isSame(before, body)) {
    throw usageError(
      'This changes nothing.',
      'Give what is to be different; `tapseal offer show` says what is.',
    );
  }
  const changed = await session.client.call({ method: 'PUT', path, body }, OfferAdminView);
  printAnswer(context, options, changed, () => {
    const style = styleOf(context.stdout);
    return [
      `${style.green('Changed')} the offer ${style.bold(changed.id)}: version ${changed.version} is in force.`,
      '',
      ...fieldLines(context.stdout, [
        ['before', offerSentence(before)],
        ['now', offerSentence(changed)],
        ['used', `${offerUsage(changed)}; what is counted stays counted`],
      ]),
    ].join('\n');
  });
}
