/** `tapseal token revoke` */
import { TokenView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseTokenId } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

export async function tokenRevoke(
  context: CommandContext,
  options: GlobalOptions,
  text: string,
): Promise<void> {
  const id = parseTokenId(text);
  const session = openSession(context, options);
  const token = await session.client.call(
    { method: 'DELETE', path: session.route(`/tokens/${id}`) },
    TokenView,
  );
  printAnswer(context, options, token, () => `The token ${token.id} (${token.role}) is revoked.`);
}
