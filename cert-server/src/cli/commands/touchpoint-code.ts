/** `tapseal touchpoint code` */
import type { Command } from 'commander';
import { EnrolmentCodeAnswer } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderInvitation } from '../enrolment-invitation.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & { readonly qr?: boolean };

export function addTouchpointCode(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'code', {
    summary: 'print a new enrolment code for a touchpoint',
    more: 'For a code that ran out, and for a new box in place of a broken or revoked one. An earlier code ends.',
    examples: ['tapseal touchpoint code lobby-1'],
  })
    .argument('<touchpoint>', 'name of the touchpoint', parseName)
    .option('--qr', 'draw the QR code also where the output is no terminal')
    .option('--no-qr', 'draw no QR code');
  command.action(async (name: string) => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const answer = await session.client.call(
      { method: 'POST', path: session.route(`/touchpoints/${name}/enrolment-code`) },
      EnrolmentCodeAnswer,
    );
    printAnswer(context, options, answer, () =>
      renderInvitation(context.stdout, session.client.server, answer, options.qr),
    );
  });
}
