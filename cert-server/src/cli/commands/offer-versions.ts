/** `tapseal offer versions`, declared. */
import type { Command } from 'commander';
import { OFFER_VERSIONS_PAGE_MAX } from '../../http/admin-bounds.js';
import type { CommandContext } from '../command-context.js';
import { parseName, parseWhole } from '../option-values.js';
import { subcommand } from '../subcommand.js';

const version = parseWhole(1, Number.MAX_SAFE_INTEGER);

export function addOfferVersions(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'versions', {
    summary: 'list what an offer said before, the newest version first',
    more:
      'Every voucher carries the hash of the version that granted it. --show prints one version with the text whose SHA-256 the ' +
      'hash is; --out writes that text, for openssl or any other tool to check.',
    examples: [
      'tapseal offer versions free-coffee',
      'tapseal offer versions free-coffee --show 2 --out free-coffee-2.json',
    ],
  })
    .argument('<offer>', 'name of the offer', parseName)
    .option('--limit <n>', 'how many', parseWhole(1, OFFER_VERSIONS_PAGE_MAX), 20)
    .option('--before <version>', 'only versions before this one', version)
    .option('--show <version>', 'one version, whole', version)
    .option('--out <file>', 'with --show: write its text to this file');
  command.action(async (id: string) => {
    const { offerVersions } = await import('../actions/offer-versions.js');
    await offerVersions(context, command.optsWithGlobals(), id);
  });
}
