/** `tapseal grant watch`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseWhole } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addGrantWatch(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'watch', {
    summary: 'show grants as they happen, until Ctrl-C',
    more: 'Survives a restart of the server without losing a grant. With --json it prints one object a line.',
    examples: ['tapseal grant watch', 'tapseal grant watch --refusals --json >> decisions.jsonl'],
  })
    .option(
      '--after <sequence>',
      'begin after this one instead of now',
      parseWhole(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--refusals', 'refusals as well');
  command.action(async () => {
    const { grantWatch } = await import('../actions/grant-watch.js');
    await grantWatch(context, command.optsWithGlobals());
  });
}
