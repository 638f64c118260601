/** `tapseal voucher show`, declared. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Form } from '../actions/voucher-show.js';
import type { CommandContext } from '../command-context.js';
import { parseTransactionId } from '../option-values.js';
import { subcommand } from '../subcommand.js';

function parseForm(text: string): Form {
  if (text === 'jws' || text === 'cose') return text;
  throw new InvalidArgumentError('It is jws or cose.');
}

export function addVoucherShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'show the voucher of a transaction, and write it to a file',
    examples: [
      'tapseal voucher show 9c1e5a70d2b84f3699c1e5a70d2b84f3 --out voucher.jws',
      'tapseal voucher show 9c1e5a70d2b84f3699c1e5a70d2b84f3 --form cose --out voucher.cose',
    ],
  })
    .argument(
      '<transaction>',
      'transaction id: 32 hexadecimal digits of `tapseal grant list`',
      parseTransactionId,
    )
    .option('--out <file>', 'write the voucher there')
    .option('--form <form>', 'what to write: jws for the web, cose as the box got it', parseForm, 'jws');
  command.action(async (transactionId: string) => {
    const { voucherShow } = await import('../actions/voucher-show.js');
    await voucherShow(context, command.optsWithGlobals(), transactionId);
  });
}
