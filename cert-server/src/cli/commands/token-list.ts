/** `tapseal token list`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addTokenList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list API tokens by id; the tokens themselves are not kept',
    examples: ['tapseal token list'],
  });
  command.action(async () => {
    const { tokenList } = await import('../actions/token-list.js');
    await tokenList(context, command.optsWithGlobals());
  });
}
