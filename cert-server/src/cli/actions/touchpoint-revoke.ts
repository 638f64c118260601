/** `tapseal touchpoint revoke` */
import { type RevokeBody, TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & { readonly reason?: string };

export async function touchpointRevoke(
  context: CommandContext,
  options: Options,
  name: string,
): Promise<void> {
  const session = openSession(context, options);
  const body: RevokeBody = options.reason === undefined ? {} : { reason: options.reason };
  const touchpoint = await session.client.call(
    { method: 'POST', path: session.route(`/touchpoints/${name}/revoke`), body },
    TouchpointView,
  );
  printAnswer(
    context,
    options,
    touchpoint,
    () =>
      `The box of ${touchpoint.name} is revoked: nothing is granted at it any more.\n` +
      `A code for another one: tapseal touchpoint code ${touchpoint.name}`,
  );
}
