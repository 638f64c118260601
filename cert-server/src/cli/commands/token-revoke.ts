/** `tapseal token revoke` */
import type { Command } from 'commander';
import { TokenView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseTokenId } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

export function addTokenRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke an API token, for good',
    more: 'It is refused from the next request on.',
    examples: ['tapseal token revoke 5f0c9e2a71b3d846'],
  }).argument('<id>', 'id of the token: 16 hexadecimal digits of `tapseal token list`');
  command.action(async (text: string) => {
    const id = parseTokenId(text);
    const options = command.optsWithGlobals<GlobalOptions>();
    const session = openSession(context, options);
    const token = await session.client.call(
      { method: 'DELETE', path: session.route(`/tokens/${id}`) },
      TokenView,
    );
    printAnswer(context, options, token, () => `The token ${token.id} (${token.role}) is revoked.`);
  });
}
