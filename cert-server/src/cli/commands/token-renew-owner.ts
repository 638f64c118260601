/** `tapseal token renew-owner`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addStoreOptions, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

export function addTokenRenewOwner(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'renew-owner', {
    summary: 'replace the owner token of `tapseal init`, on the machine of the server',
    more:
      'It needs no token, but the data directory, or the database. The owner tokens for all programmes that were there before are ' +
      'revoked; tokens of single programmes stay.',
    examples: [
      'tapseal token renew-owner --save',
      'tapseal token renew-owner --data /var/lib/tapseal-server/data',
    ],
  }).option('--save', 'put it into the profile, and do not print it');
  addStoreOptions(command);
  command.action(async () => {
    warnOfPassword(context, command);
    const { tokenRenewOwner } = await import('../actions/token-renew-owner.js');
    await tokenRenewOwner(context, command.optsWithGlobals());
  });
}
