/** `tapseal voucher show` */
import { VOUCHER_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes } from '@tapseal/shared/bytes';
import { VoucherView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { decisionResult } from '../grant-line.js';
import { printAnswer } from '../print-answer.js';
import { problemError } from '../problem-error.js';
import { openSession } from '../session.js';
import { writeFileWhole } from '../write-file-whole.js';

export type Form = 'jws' | 'cose';

type Options = GlobalOptions & { readonly out?: string; readonly form: Form };

function contentOf(view: VoucherView, form: Form): string | Uint8Array {
  if (form === 'jws') return `${view.jws}\n`;
  const bytes = base64urlToBytes(view.voucher, VOUCHER_BYTES_MAX);
  if (bytes === undefined) throw problemError('server_answer_invalid', 'The voucher is not base64url.');
  return bytes;
}

/** What the voucher carries, and where that is less than what the shopper approved, both. */
function amountOf({ amountMinor, awardedMinor = amountMinor }: VoucherView): string {
  return awardedMinor < amountMinor
    ? `${awardedMinor} of the ${amountMinor} approved (minor units): a limit had no more left`
    : `${amountMinor} (minor units)`;
}

export async function voucherShow(
  context: CommandContext,
  options: Options,
  transactionId: string,
): Promise<void> {
  const session = openSession(context, options);
  const view = await session.client.call({ path: session.route(`/vouchers/${transactionId}`) }, VoucherView);
  const { out } = options;
  if (out !== undefined) writeFileWhole(out, contentOf(view, options.form), { mode: 0o644, replace: false });
  printAnswer(context, options, out === undefined ? view : { ...view, out }, () =>
    renderFields(context.stdout, `Voucher ${view.transactionId}`, undefined, [
      ['offer', `${view.offer}, version ${view.offerVersion}`],
      ['version', view.offerHash && `SHA-256 ${view.offerHash}`],
      ['touchpoint', `${view.touchpoint} (${view.touchpointId})`],
      ['action', view.action],
      ['amount', amountOf(view)],
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
}
