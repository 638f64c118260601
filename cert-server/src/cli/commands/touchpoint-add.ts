/** `tapseal touchpoint add` */
import type { Command } from 'commander';
import { EnrolmentCodeAnswer, type TouchpointBody } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderInvitation } from '../enrolment-invitation.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & { readonly title?: string; readonly place?: string; readonly qr?: boolean };

export function addTouchpointAdd(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'add', {
    summary: 'add a touchpoint and print its enrolment code',
    more: 'The code works once, for 15 minutes. The key is made on the box and never leaves it.',
    examples: ['tapseal touchpoint add lobby-1 --title "Coffee machine" --place "Lobby, left of the lift"'],
  })
    .argument('<touchpoint>', 'name of the new touchpoint', parseName)
    .option('--title <text>', 'what shoppers read; the name where left out')
    .option('--place <text>', 'where it stands, for shoppers and for whoever repairs it')
    .option('--qr', 'draw the QR code also where the output is no terminal')
    .option('--no-qr', 'draw no QR code');
  command.action(async (name: string) => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const body: TouchpointBody = {
      name,
      ...(options.title === undefined ? {} : { title: options.title }),
      ...(options.place === undefined ? {} : { place: options.place }),
    };
    const answer = await session.client.call(
      { method: 'POST', path: session.route('/touchpoints'), body },
      EnrolmentCodeAnswer,
    );
    printAnswer(context, options, answer, () =>
      renderInvitation(context.stdout, session.client.server, answer, options.qr),
    );
  });
}
