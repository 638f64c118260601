/** `tapseal offer show` */
import { formatAmount } from '../../decision/format-amount.js';
import { OfferDetailView } from '../../http/offer-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { renderLimits } from '../limit-table.js';
import { offerSentence, offerUsage } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { formatLabels } from '../rules/label-text.js';
import { formatRules } from '../rules/rules-text.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';

export async function offerShow(context: CommandContext, options: GlobalOptions, id: string): Promise<void> {
  const session = openSession(context, options);
  const offer = await session.client.call({ path: session.route(`/offers/${id}`) }, OfferDetailView);
  printAnswer(context, options, offer, () => {
    const { currency, timeZone, timeZones, limits } = offer;
    const [zone = timeZone, ...otherZones] = timeZones;
    const isElsewhere = otherZones.length > 0 || zone !== timeZone;
    const keys = formatLabels(offer.keys);
    const asOptions = formatRules(offer.rules, currency);
    const fields = renderFields(context.stdout, offer.title, offerSentence(offer), [
      ['offer', `${offer.id}, version ${offer.version}`],
      ['hash', offer.hash],
      ['state', offer.paused ? `paused (tapseal offer resume ${offer.id})` : 'running'],
      ['used', offerUsage(offer)],
      ['amount', offer.amountMinor === 0 ? 'free' : formatAmount(offer.amountMinor, currency)],
      ['touchpoints', offer.touchpoints.join(', ')],
      ['keys', keys === '' ? undefined : keys],
      ['time zone', timeZone],
      ['at its touchpoints', isElsewhere ? timeZones.join(', ') : undefined],
      ['created', formatInstant(offer.createdAt, timeZone)],
      ['as options', asOptions === '' ? undefined : asOptions],
    ]);
    if (limits.length === 0) return fields;
    const table = renderLimits(context.stdout, limits, {
      currency,
      // With several zones only what all of them agree about is told.
      timeZone: otherZones.length === 0 ? zone : timeZone,
      apart: 'each apart',
    });
    const isApart = limits.some(({ usage }) => usage === undefined);
    const at = otherZones.length === 0 ? '' : ' --touchpoint TOUCHPOINT';
    const hint = `What is counted apart: tapseal offer explain ${offer.id} --shopper SHOPPER${at}`;
    return [fields, '', table, ...(isApart ? ['', styleOf(context.stdout).dim(hint)] : [])].join('\n');
  });
}
