/** `tapseal phone list`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parsePhoneId, parseWhole } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addPhoneList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the phones that are registered',
    examples: ['tapseal phone list', 'tapseal phone list --limit 500 --json'],
  })
    .option('--limit <n>', 'how many', parseWhole(1, 500), 100)
    .option('--after <phone>', 'continue after this one', parsePhoneId);
  command.action(async () => {
    const { phoneList } = await import('../actions/phone-list.js');
    await phoneList(context, command.optsWithGlobals());
  });
}
