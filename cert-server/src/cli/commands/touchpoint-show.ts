/** `tapseal touchpoint show` */
import type { Command } from 'commander';
import { TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';
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

export function addTouchpointShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'show a touchpoint and the box behind it',
    examples: ['tapseal touchpoint show lobby-1'],
  }).argument('<touchpoint>', 'name of the touchpoint', parseName);
  command.action(async (name: string) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const session = openSession(context, options);
    const touchpoint = await session.client.call(
      { path: session.route(`/touchpoints/${name}`) },
      TouchpointView,
    );
    const when = (instant: string | undefined): string | undefined =>
      instant === undefined ? undefined : formatInstant(instant);
    printAnswer(context, options, touchpoint, () =>
      renderFields(context.stdout, touchpoint.title, stateSentence(touchpoint), [
        ['touchpoint', touchpoint.name],
        ['place', touchpoint.place === '' ? undefined : touchpoint.place],
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
  });
}

function until(instant: string | undefined): string | undefined {
  return instant === undefined ? undefined : `valid until ${instant}`;
}
