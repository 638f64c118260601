/** `tapseal touchpoint code` */
import { EnrolmentCodeAnswer } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderInvitation } from '../enrolment-invitation.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & { readonly qr?: boolean };

export async function touchpointCode(context: CommandContext, options: Options, name: string): Promise<void> {
  const session = openSession(context, options);
  const answer = await session.client.call(
    { method: 'POST', path: session.route(`/touchpoints/${name}/enrolment-code`) },
    EnrolmentCodeAnswer,
  );
  printAnswer(context, options, answer, () =>
    renderInvitation(context.stdout, session.client.server, answer, options.qr),
  );
}
