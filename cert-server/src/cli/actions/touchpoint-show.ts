/** `tapseal touchpoint show` */
import { TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { formatLabels } from '../rules/label-text.js';
import { openSession } from '../session.js';
import { receiptsState } from './touchpoint-list.js';

function stateSentence(touchpoint: TouchpointView): string {
  switch (touchpoint.state) {
    case 'waiting':
      return `No box is enrolled under this name. A code for one: tapseal touchpoint code ${touchpoint.name}`;
    case 'revoked':
      return `The box is revoked: nothing is granted at it. A code for another one: tapseal touchpoint code ${touchpoint.name}`;
    case 'enrolled':
      return touchpoint.forked
        ? 'Two chains of receipts were seen: the box may have been copied. Inspect it, then revoke and replace it.'
        : 'The box is enrolled.';
  }
}

function until(instant: string | undefined): string | undefined {
  return instant === undefined ? undefined : `valid until ${instant}`;
}

export async function touchpointShow(
  context: CommandContext,
  options: GlobalOptions,
  name: string,
): Promise<void> {
  const session = openSession(context, options);
  const touchpoint = await session.client.call(
    { path: session.route(`/touchpoints/${name}`) },
    TouchpointView,
  );
  const labels = formatLabels(touchpoint.labels);
  const when = (instant: string | undefined): string | undefined =>
    instant === undefined ? undefined : formatInstant(instant, touchpoint.timeZone);
  printAnswer(context, options, touchpoint, () =>
    renderFields(context.stdout, touchpoint.title, stateSentence(touchpoint), [
      ['touchpoint', touchpoint.name],
      ['place', touchpoint.place === '' ? undefined : touchpoint.place],
      ['labels', labels === '' ? undefined : labels],
      ['time zone', touchpoint.timeZone],
      ['state', touchpoint.state],
      ['id', touchpoint.id],
      ['added', when(touchpoint.createdAt)],
      ['enrolled', when(touchpoint.enrolledAt)],
      ['last seen', touchpoint.id === undefined ? undefined : (when(touchpoint.seenAt) ?? 'never')],
      ['starts', touchpoint.bootCounter?.toString()],
      ['manifest', touchpoint.manifestVersion?.toString()],
      ['receipts', touchpoint.id === undefined ? undefined : receiptsState(touchpoint)],
      ['revoked', when(touchpoint.revokedAt)],
      ['reason', touchpoint.revokedReason],
      ['certificate', until(when(touchpoint.certificateExpiresAt))],
    ]),
  );
}
