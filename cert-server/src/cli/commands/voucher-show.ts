/** `tapseal voucher show` */

import { VOUCHER_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes } from '@tapseal/shared/bytes';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { VoucherView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { decisionResult } from '../grant-line.js';
import { parseTransactionId } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { problemError } from '../problem-error.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';
import { writeFileWhole } from '../write-file-whole.js';

type Form = 'jws' | 'cose';
type Options = GlobalOptions & { readonly out?: string; readonly form: Form };

function parseForm(text: string): Form {
  if (text === 'jws' || text === 'cose') return text;
  throw new InvalidArgumentError('It is jws or cose.');
}

function contentOf(view: VoucherView, form: Form): string | Uint8Array {
  if (form === 'jws') return `${view.jws}\n`;
  const bytes = base64urlToBytes(view.voucher, VOUCHER_BYTES_MAX);
  if (bytes === undefined) throw problemError('server_answer_invalid', 'The voucher is not base64url.');
  return bytes;
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
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const view = await session.client.call(
      { path: session.route(`/vouchers/${transactionId}`) },
      VoucherView,
    );
    const { out } = options;
    if (out !== undefined)
      writeFileWhole(out, contentOf(view, options.form), { mode: 0o644, replace: false });
    printAnswer(context, options, out === undefined ? view : { ...view, out }, () =>
      renderFields(context.stdout, `Voucher ${view.transactionId}`, undefined, [
        ['offer', `${view.offer}, version ${view.offerVersion}`],
        ['touchpoint', `${view.touchpoint} (${view.touchpointId})`],
        ['action', view.action],
        ['amount', `${view.amountMinor} (minor units)`],
        ['granted', formatInstant(view.at)],
        ['result', decisionResult(view)],
        ['phone', view.phoneId],
        ['shopper', view.shopper],
        ['manifest', String(view.manifestVersion)],
        ['request', `SHA-256 ${view.requestHash}`],
        ...(out === undefined
          ? ([['JWS', view.jws]] as const)
          : ([['written', `${out}; verify it with: tapseal voucher verify ${out}`]] as const)),
      ]),
    );
  });
}
