/** The client's profiles: which server, which programme, whom to trust, and the token. One file, readable by its owner only. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Name } from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';
import type { CommandContext, GlobalOptions } from './command-context.js';
import { fitsSchema } from './fits-schema.js';
import { problemError } from './problem-error.js';
import { readFileBounded } from './read-file-bounded.js';
import { writeFileWhole } from './write-file-whole.js';
import { defaultConfigFile } from './xdg-paths.js';

const CONFIG_BYTES_MAX = 262_144;
export const DEFAULT_PROFILE = 'default';

const Profile = Type.Object(
  {
    server: Type.String({ maxLength: 2_048 }),
    programme: Name,
    /** API token; left out where it comes from TAPSEAL_TOKEN or --token-file. */
    token: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    /** Root certificates (PEM) to trust instead of those of the system. */
    ca: Type.Optional(Type.String({ maxLength: 65_536 })),
  },
  { additionalProperties: false },
);
export type Profile = Static<typeof Profile>;

const Config = Type.Object(
  { profiles: Type.Record(Type.String(), Profile) },
  { additionalProperties: false },
);
export type Config = Static<typeof Config>;

export function configFileOf(context: CommandContext, options: GlobalOptions): string {
  return options.config ?? context.env.TAPSEAL_CONFIG ?? defaultConfigFile(context.env);
}

export function profileNameOf(context: CommandContext, options: GlobalOptions): string {
  return options.profile ?? context.env.TAPSEAL_PROFILE ?? DEFAULT_PROFILE;
}

/**
 * @returns undefined where there is no such file
 * @throws ProblemError config_invalid
 */
export function readConfig(path: string): Config | undefined {
  if (!existsSync(path)) return undefined;
  const text = new TextDecoder().decode(readFileBounded(path, CONFIG_BYTES_MAX, 'a profile file'));
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, and with it perhaps the token.
    throw problemError(
      'config_invalid',
      `${path} is not JSON.`,
      'Mend it, or move it away and log in again.',
    );
  }
  if (!fitsSchema(Config, config)) {
    throw problemError(
      'config_invalid',
      `${path} does not hold profiles in the form that this version writes.`,
      'Compare it with docs/operations.md ("Profiles").',
    );
  }
  const hasToken = Object.values(config.profiles).some((profile) => profile.token !== undefined);
  if (hasToken && (statSync(path).mode & 0o077) !== 0) {
    throw problemError(
      'config_invalid',
      `${path} holds a token, and others may read it.`,
      `Run \`chmod 600 ${path}\`, and replace the token if others had access.`,
    );
  }
  return config;
}

/** Adds or replaces one profile. The file is made with mode 0600, its folder with 0700. */
export function writeProfile(path: string, name: string, profile: Profile): void {
  const profiles = { ...readConfig(path)?.profiles, [name]: profile };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileWhole(path, `${JSON.stringify({ profiles }, null, 2)}\n`, { mode: 0o600, replace: true });
}
