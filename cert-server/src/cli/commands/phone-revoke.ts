/** `tapseal phone revoke`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parsePhoneId, parseReason } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addPhoneRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke a phone, for good',
    more: 'Nothing is granted to it from its next request on. The shopper can register another key.',
    examples: ['tapseal phone revoke 0f8a5c2e9b7d41360f8a5c2e9b7d4136 --reason "reported as lost"'],
  })
    .argument('<phone>', 'id of the phone: 32 hexadecimal digits', parsePhoneId)
    .option('--reason <text>', 'kept on record', parseReason);
  command.action(async (id: string) => {
    const { phoneRevoke } = await import('../actions/phone-revoke.js');
    await phoneRevoke(context, command.optsWithGlobals(), id);
  });
}
