/** `tapseal grant list`, declared. */
import type { Command } from 'commander';
import { GRANTS_PAGE_MAX } from '../../http/admin-bounds.js';
import type { CommandContext } from '../command-context.js';
import { parseWhole } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addGrantList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list grants, the newest first',
    more: 'With --after they come in the order in which they were decided, for a script that continues.',
    examples: [
      'tapseal grant list',
      'tapseal grant list --refusals --limit 50',
      'tapseal grant list --after 1200 --limit 500 --json',
    ],
  })
    .option('--limit <n>', 'how many', parseWhole(1, GRANTS_PAGE_MAX), 20)
    .option(
      '--after <sequence>',
      'continue after this one, oldest first',
      parseWhole(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--refusals', 'refusals as well');
  command.action(async () => {
    const { grantList } = await import('../actions/grant-list.js');
    await grantList(context, command.optsWithGlobals());
  });
}
