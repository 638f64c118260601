/** `tapseal authority show`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addAuthorityShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'show the fingerprint of the root, and write the certificates',
    more: 'The file is for `--ca` of this program and for `openssl verify -CAfile`. Compare the fingerprint by another way.',
    examples: ['tapseal authority show', 'tapseal authority show --out authority.pem'],
  }).option('--out <file>', 'write the certificates there, as PEM');
  command.action(async () => {
    const { authorityShow } = await import('../actions/authority-show.js');
    await authorityShow(context, command.optsWithGlobals());
  });
}
