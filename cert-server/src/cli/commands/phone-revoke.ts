/** `tapseal phone revoke` */
import type { Command } from 'commander';
import { PhoneView, type RevokeBody } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parsePhoneId } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & { readonly reason?: string };

export function addPhoneRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke a phone, for good',
    more: 'Nothing is granted to it from its next request on. The shopper can register another key.',
    examples: ['tapseal phone revoke 0f8a5c2e9b7d41360f8a5c2e9b7d4136 --reason "reported as lost"'],
  })
    .argument('<phone>', 'id of the phone: 32 hexadecimal digits', parsePhoneId)
    .option('--reason <text>', 'kept on record');
  command.action(async (id: string) => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const body: RevokeBody = options.reason === undefined ? {} : { reason: options.reason };
    const phone = await session.client.call(
      { method: 'POST', path: session.route(`/phones/${id}/revoke`), body },
      PhoneView,
    );
    printAnswer(context, options, phone, () => `The phone ${phone.id} is revoked.`);
  });
}
