/** `tapseal token create`, declared. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { TOKEN_DAYS_MAX } from '../../http/admin-bounds.js';
import type { TokenRole } from '../../http/admin-schemas.js';
import type { CommandContext } from '../command-context.js';
import { parseTokenLabel, parseWhole } from '../option-values.js';
import { subcommand } from '../subcommand.js';

const roles: readonly TokenRole[] = ['owner', 'operator', 'auditor', 'app'];

function parseRole(text: string): TokenRole {
  const role = roles.find((candidate) => candidate === text);
  if (role !== undefined) return role;
  throw new InvalidArgumentError(`It is one of ${roles.join(', ')}.`);
}

export function addTokenCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'create', {
    summary: 'make an API token and print it, once',
    more:
      'Roles: owner may do everything; operator runs offers, touchpoints and phones; auditor reads; app registers ' +
      'phones for its shoppers. The server keeps a hash only: a lost token cannot be shown again.',
    examples: [
      'tapseal token create --role auditor --label "payment provider" --expires-in-days 365',
      'tapseal token create --role owner --every-programme --save',
    ],
  })
    .requiredOption('--role <role>', 'owner, operator, auditor or app', parseRole)
    .option('--label <text>', 'what it is for', parseTokenLabel)
    .option('--expires-in-days <n>', 'ends by itself after so many days', parseWhole(1, TOKEN_DAYS_MAX))
    .option('--every-programme', 'for the whole server; only with such a token')
    .option('--save', 'put it into the profile in place of the old one, and do not print it');
  command.action(async () => {
    const { tokenCreate } = await import('../actions/token-create.js');
    await tokenCreate(context, command.optsWithGlobals());
  });
}
