/** `tapseal phone revoke` */
import { PhoneView, type RevokeBody } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & { readonly reason?: string };

export async function phoneRevoke(context: CommandContext, options: Options, id: string): Promise<void> {
  const session = openSession(context, options);
  const body: RevokeBody = options.reason === undefined ? {} : { reason: options.reason };
  const phone = await session.client.call(
    { method: 'POST', path: session.route(`/phones/${id}/revoke`), body },
    PhoneView,
  );
  printAnswer(context, options, phone, () => `The phone ${phone.id} is revoked.`);
}
