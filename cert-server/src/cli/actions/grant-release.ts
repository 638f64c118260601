/** `tapseal grant release` */
import { GrantView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

export async function grantRelease(
  context: CommandContext,
  options: GlobalOptions,
  id: string,
): Promise<void> {
  const session = openSession(context, options);
  const grant = await session.client.call(
    { method: 'POST', path: session.route(`/grants/${id}/release`) },
    GrantView,
  );
  printAnswer(
    context,
    options,
    grant,
    () => `The place that ${grant.transactionId} held in ${grant.offer} is free again.`,
  );
}
