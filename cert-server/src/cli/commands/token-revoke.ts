/** `tapseal token revoke`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addTokenRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke an API token, for good',
    more: 'It is refused from the next request on.',
    examples: ['tapseal token revoke 5f0c9e2a71b3d846'],
  }).argument('<id>', 'id of the token: 16 hexadecimal digits of `tapseal token list`');
  command.action(async (text: string) => {
    const { tokenRevoke } = await import('../actions/token-revoke.js');
    await tokenRevoke(context, command.optsWithGlobals(), text);
  });
}
