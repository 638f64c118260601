/** `tapseal touchpoint revoke` */
import type { Command } from 'commander';
import { type RevokeBody, TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & { readonly reason?: string };

export function addTouchpointRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke the box of a touchpoint, for good',
    more: 'Nothing is granted at it from its next request on. The name stays, and can get another box.',
    examples: ['tapseal touchpoint revoke lobby-1 --reason "stolen"'],
  })
    .argument('<touchpoint>', 'name of the touchpoint', parseName)
    .option('--reason <text>', 'kept on record');
  command.action(async (name: string) => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const body: RevokeBody = options.reason === undefined ? {} : { reason: options.reason };
    const touchpoint = await session.client.call(
      { method: 'POST', path: session.route(`/touchpoints/${name}/revoke`), body },
      TouchpointView,
    );
    printAnswer(
      context,
      options,
      touchpoint,
      () =>
        `The box of ${touchpoint.name} is revoked: nothing is granted at it any more.\n` +
        `A code for another one: tapseal touchpoint code ${touchpoint.name}`,
    );
  });
}
