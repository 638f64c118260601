/**
 * `tapseal token renew-owner`: on the machine of the server, without a token. Who may write the data directory has all keys
 * anyway; this gives the owner of that machine a way back, and the token of `init` a way to be rotated.
 */
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { EVERY_PROGRAMME } from '../../store/records.js';
import { openSqliteStore } from '../../store/sqlite-store.js';
import { makeApiToken } from '../../tokens/api-token.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { surveyDataDirectory } from '../data-directory.js';
import { printAnswer } from '../print-answer.js';
import { problemError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { styleOf } from '../style.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & { readonly data?: string; readonly save?: true };

async function renew(
  directory: string,
  nowMs: number,
): Promise<{ id: string; token: string; revoked: string[] }> {
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

export async function tokenRenewOwner(context: CommandContext, options: Options): Promise<void> {
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
}
