/** The limits of an offer as a table: in words, as a bar, and in figures. */
import { formatDecimal } from '../decision/format-amount.js';
import type { LimitView, OfferDetailView } from '../http/offer-schemas.js';
import type { TextSink } from './command-context.js';
import { formatInstant } from './format-instant.js';
import { renderTable } from './table.js';
import { usageBar } from './usage-bar.js';

type Row = OfferDetailView['limits'][number];

/** Grants, or an amount of the currency. */
function formatCount(count: number, of: LimitView['of'], currency: string): string {
  return of === 'grants' ? String(count) : formatDecimal(count, currency);
}

/** @param apart stands in place of the bar where no usage is known */
export function renderLimits(
  sink: TextSink,
  limits: readonly Row[],
  {
    currency,
    timeZone,
    apart,
  }: { readonly currency: string; readonly timeZone: string; readonly apart: string },
): string {
  return renderTable(
    sink,
    [
      { title: 'limit', wraps: true },
      { title: 'usage' },
      { title: 'used', align: 'right' },
      { title: 'held', align: 'right' },
      { title: 'of', align: 'right' },
      { title: 'left', align: 'right' },
      { title: 'resets' },
    ],
    limits.map(({ rule, of, maximum, usage }) => {
      const inUnits = (count: number): string => formatCount(count, of, currency);
      if (usage === undefined) return [rule, apart, '', '', inUnits(maximum), '', ''];
      const { used, held, left, full, resetsAt } = usage;
      // Of a rolling limit that has room nobody knows when it will be empty, and nobody needs to.
      const noReset = full ? 'never' : '';
      return [
        rule,
        usageBar(used, held, maximum),
        inUnits(used),
        inUnits(held),
        inUnits(maximum),
        inUnits(left),
        resetsAt === undefined ? noReset : formatInstant(resetsAt, timeZone),
      ];
    }),
  );
}
