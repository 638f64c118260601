/** `tapseal voucher verify`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addVoucherVerify(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'verify', {
    summary: 'verify a voucher with public keys alone',
    more:
      'Works without a network: with --jwks, or with the keys that were fetched before. With --server the keys are ' +
      'fetched from there. The file is a voucher as bytes or base64url (COSE), or a JWS. ' +
      'With --other-form and --offer-version it also tells whether those files are of this voucher. ' +
      'With --openssl it prints the commands that verify the same voucher without this program.',
    examples: [
      'tapseal voucher verify voucher.jws --jwks jwks.json',
      'tapseal voucher verify voucher.jws --server https://tickets.example.com',
      'tapseal voucher verify voucher.jws --jwks jwks.json --offer-version offer.json',
      'tapseal voucher verify voucher.jws --jwks jwks.json --openssl --out check && sh check/verify.sh',
    ],
  })
    .argument('<file>', 'the voucher')
    .option('--jwks <file>', 'JWK set of the server')
    .option('--other-form <file>', 'the same voucher as COSE or JWS: both have to say the same')
    .option(
      '--offer-version <file>',
      'text of the offer version, as the server gives it out: its hash has to fit',
    )
    .option('--openssl', 'print the commands for openssl')
    .option('--out <folder>', 'with --openssl: write the commands and the voucher there');
  command.action(async (file: string) => {
    const { voucherVerify } = await import('../actions/voucher-verify.js');
    await voucherVerify(context, command.optsWithGlobals(), file);
  });
}
