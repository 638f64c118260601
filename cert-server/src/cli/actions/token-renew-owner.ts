/**
 * `tapseal token renew-owner`: on the machine of the server, without a token. Who may write the data directory or the
 * database has everything anyway; this gives the owner of that machine a way back, and the token of `init` a way to be rotated.
 */
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { openStore, withStoreFaults } from '../../store/open-store.js';
import { EVERY_PROGRAMME } from '../../store/records.js';
import type { StoreLocation } from '../../store/store-location.js';
import { makeApiToken } from '../../tokens/api-token.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { problemError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { existingStore, type StoreOptions } from '../store-options.js';
import { styleOf } from '../style.js';

type Options = GlobalOptions & StoreOptions & { readonly save?: true };

async function renew(
  location: StoreLocation,
  nowMs: number,
): Promise<{ id: string; token: string; revoked: string[] }> {
  const store = await openStore(location, nowMs);
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
  const location = existingStore(context, options);
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
  const { id, token, revoked } = await withStoreFaults(location, () => renew(location, context.now()));
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
