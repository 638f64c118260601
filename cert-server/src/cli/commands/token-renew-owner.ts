/**
 * `tapseal token renew-owner`: on the machine of the server, without a token. Who may write the data directory has all keys
 * anyway; this gives the owner of that machine a way back, and the token of `init` a way to be rotated.
 */
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Command } from 'commander';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { surveyDataDirectory } from '../data-directory.js';
import { printAnswer } from '../print-answer.js';
import { problemError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { styleOf } from '../style.js';
import { subcommand } from '../subcommand.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & { readonly data?: string; readonly save?: true };

async function renew(
  directory: string,
  nowMs: number,
): Promise<{ id: string; token: string; revoked: string[] }> {
  const { openSqliteStore } = await import('../../store/sqlite-store.js');
  const { EVERY_PROGRAMME } = await import('../../store/records.js');
  const { makeApiToken } = await import('../../tokens/api-token.js');
  const store = openSqliteStore(join(directory, surveyDataDirectory(directory).database), nowMs);
  try {
    const before = (await store.listTokens(EVERY_PROGRAMME)).filter(
      (token) => token.revokedAtMs === undefined,
    );
    const { id, token, secretHash } = makeApiToken(createNativeCrypto());
    const audit = (act: string, object: string) => ({ atMs: nowMs, token: 'local', act, object });
    await store.addToken(
      {
        programme: EVERY_PROGRAMME,
        id,
        role: 'owner',
        label: 'renewed on the machine of the server',
        secretHash,
        createdAtMs: nowMs,
        expiresAtMs: undefined,
        revokedAtMs: undefined,
      },
      audit('token create', id),
    );
    for (const old of before) await store.revokeToken(EVERY_PROGRAMME, old.id, audit('token revoke', old.id));
    return { id, token, revoked: before.map((old) => old.id) };
  } finally {
    await store.close();
  }
}

export function addTokenRenewOwner(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'renew-owner', {
    summary: 'replace the owner token of `tapseal init`, on the machine of the server',
    more:
      'It needs no token, but the data directory. The owner tokens for all programmes that were there before are ' +
      'revoked; tokens of single programmes stay.',
    examples: [
      'tapseal token renew-owner --save',
      'tapseal token renew-owner --data /var/lib/tapseal-server/data',
    ],
  })
    .option('--data <folder>', 'data directory of the server')
    .option('--save', 'put it into the profile, and do not print it');
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    const directory = options.data ?? dataDirectoryOf(context.env);
    const configFile = configFileOf(context, options);
    const profileName = profileNameOf(context, options);
    const profile = readConfig(configFile)?.profiles[profileName];
    if (options.save && profile === undefined) {
      throw problemError(
        'usage_invalid',
        `There is no profile "${profileName}" in ${configFile}.`,
        'Leave --save out, and put the token that is printed where it is needed.',
      );
    }
    const { id, token, revoked } = await renew(directory, context.now());
    if (options.save && profile !== undefined) {
      writeProfile(configFile, profileName, { ...profile, token });
      printAnswer(
        context,
        options,
        { id, revoked, profile: profileName },
        () => `The profile "${profileName}" uses the new owner token ${id}; ${revoked.length} revoked.`,
      );
      return;
    }
    const style = styleOf(context.stdout);
    printAnswer(context, options, { id, token, revoked }, () =>
      [
        `Owner token ${id} for all programmes; ${revoked.length} revoked. It is shown this once:`,
        '',
        `  ${style.bold(token)}`,
      ].join('\n'),
    );
  });
}
