/** `tapseal token create` */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { TOKEN_DAYS_MAX, type TokenBody, TokenCreated, type TokenRole } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { parseWhole } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';
import { subcommand } from '../subcommand.js';

const roles: readonly TokenRole[] = ['owner', 'operator', 'auditor', 'app'];

type Options = GlobalOptions & {
  readonly role: TokenRole;
  readonly label?: string;
  readonly expiresInDays?: number;
  readonly everyProgramme?: true;
  readonly save?: true;
};

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
    .option('--label <text>', 'what it is for')
    .option('--expires-in-days <n>', 'ends by itself after so many days', parseWhole(1, TOKEN_DAYS_MAX))
    .option('--every-programme', 'for the whole server; only with such a token')
    .option('--save', 'put it into the profile in place of the old one, and do not print it');
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const configFile = configFileOf(context, options);
    const profileName = profileNameOf(context, options);
    const profile = options.save ? readConfig(configFile)?.profiles[profileName] : undefined;
    if (options.save && new URL(profile?.server ?? 'none:').origin !== session.client.server.origin) {
      throw usageError(
        `The profile "${profileName}" in ${configFile} is not of ${session.client.server.origin}.`,
        'Leave --save out, or choose the profile with --profile.',
      );
    }
    const body: TokenBody = {
      role: options.role,
      ...(options.everyProgramme ? { everyProgramme: true } : {}),
      ...(options.label === undefined ? {} : { label: options.label }),
      ...(options.expiresInDays === undefined ? {} : { expiresInDays: options.expiresInDays }),
    };
    const created = await session.client.call(
      { method: 'POST', path: session.route('/tokens'), body },
      TokenCreated,
    );
    const ends =
      created.expiresAt === undefined ? 'until it is revoked' : `until ${formatInstant(created.expiresAt)}`;
    if (profile !== undefined) {
      const { token, ...view } = created;
      writeProfile(configFile, profileName, { ...profile, token });
      const replaced = /^tps_([0-9a-f]{16})_/.exec(profile.token ?? '')?.[1];
      printAnswer(context, options, { ...view, ...(replaced === undefined ? {} : { replaced }) }, () =>
        [
          `The profile "${profileName}" uses the new token ${created.id} (${created.role}), valid ${ends}.`,
          ...(replaced === undefined
            ? []
            : [`The old one still works; end it with: tapseal token revoke ${replaced}`]),
        ].join('\n'),
      );
      return;
    }
    const style = styleOf(context.stdout);
    printAnswer(context, options, created, () =>
      [
        `Token ${created.id} (${created.role}), valid ${ends}. It is shown this once:`,
        '',
        `  ${style.bold(created.token)}`,
        '',
        'Hand it over in TAPSEAL_TOKEN or in a file (--token-file), never on a command line.',
      ].join('\n'),
    );
  });
}
