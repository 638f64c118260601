/** `tapseal token create` */
import { type TokenBody, TokenCreated, type TokenRole } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { openSession } from '../session.js';
import { styleOf } from '../style.js';

type Options = GlobalOptions & {
  readonly role: TokenRole;
  readonly label?: string;
  readonly expiresInDays?: number;
  readonly everyProgramme?: true;
  readonly save?: true;
};

export async function tokenCreate(context: CommandContext, options: Options): Promise<void> {
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
}
