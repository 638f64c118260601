/** `tapseal grant release`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseTransactionId } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addGrantRelease(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'release', {
    summary: 'free the place that a grant holds, before its time',
    more:
      'For grants of offers that count when the box confirms. A receipt that arrives later still counts, because ' +
      'the box has acted.',
    examples: ['tapseal grant release 71feba2aa387dfbf8940b3b8c8c187f7'],
  }).argument('<transaction>', 'transaction id: 32 hexadecimal digits', parseTransactionId);
  command.action(async (id: string) => {
    const { grantRelease } = await import('../actions/grant-release.js');
    await grantRelease(context, command.optsWithGlobals(), id);
  });
}
