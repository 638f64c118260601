/** `tapseal touchpoint add` */
import type { Labels } from '../../decision/labels.js';
import { EnrolmentCodeAnswer, type TouchpointBody } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderInvitation } from '../enrolment-invitation.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & {
  readonly title?: string;
  readonly place?: string;
  readonly label?: Labels;
  readonly timeZone?: string;
  readonly qr?: boolean;
};

export async function touchpointAdd(context: CommandContext, options: Options, name: string): Promise<void> {
  const session = openSession(context, options);
  const body: TouchpointBody = {
    name,
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.place === undefined ? {} : { place: options.place }),
    ...(options.label === undefined ? {} : { labels: options.label }),
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
  };
  const answer = await session.client.call(
    { method: 'POST', path: session.route('/touchpoints'), body },
    EnrolmentCodeAnswer,
  );
  printAnswer(context, options, answer, () =>
    renderInvitation(context.stdout, session.client.server, answer, options.qr),
  );
}
