/** `tapseal token list` */
import { TokenList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';

export async function tokenList(context: CommandContext, options: GlobalOptions): Promise<void> {
  const session = openSession(context, options);
  const answer = await session.client.call({ path: session.route('/tokens') }, TokenList);
  printAnswer(context, options, answer, () => {
    if (answer.tokens.length === 0) return 'No token yet. Make one with: tapseal token create --role ROLE';
    return renderTable(
      context.stdout,
      [
        { title: 'id' },
        { title: 'role' },
        { title: 'for' },
        { title: 'created' },
        { title: 'ends' },
        { title: 'label', wraps: true },
      ],
      answer.tokens.map((token) => [
        token.id,
        token.role,
        token.everyProgramme ? 'all' : session.programme,
        formatInstant(token.createdAt),
        token.revokedAt !== undefined
          ? 'revoked'
          : token.expiresAt === undefined
            ? 'never'
            : formatInstant(token.expiresAt),
        token.label,
      ]),
    );
  });
}
