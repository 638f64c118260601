/** `tapseal init`: everything that a new server needs, and the profile with which this user talks to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorityFiles } from '../../authority/key-files.js';
import { initialise } from '../../server/initialise.js';
import { describeDatabase } from '../../store/database-fault.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { DEFAULT_PORT, parseServerAddress } from '../server-address.js';
import { styleOf } from '../style.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & {
  readonly data?: string;
  readonly database?: string;
  readonly title?: string;
  readonly timeZone?: string;
  readonly currency: string;
};

const DEFAULT_PROGRAMME = 'main';

function parseProgramme(text: string): string {
  try {
    return parseName(text);
  } catch (error) {
    throw usageError(`"${text}" cannot name a programme.`, error instanceof Error ? error.message : '');
  }
}

export async function init(context: CommandContext, options: Options): Promise<void> {
  const directory = options.data ?? dataDirectoryOf(context.env);
  const configFile = configFileOf(context, options);
  const profileName = profileNameOf(context, options);
  const programme = parseProgramme(options.programme ?? DEFAULT_PROGRAMME);
  const server = parseServerAddress(
    options.server ?? `https://localhost:${DEFAULT_PORT}`,
    options.insecureHttp === true,
  );
  if (readConfig(configFile)?.profiles[profileName] !== undefined) {
    throw usageError(
      `${configFile} has a profile "${profileName}" already. Nothing was changed.`,
      'Give the new one another name with --profile NAME, or move the file away.',
    );
  }
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const made = await initialise({
    directory,
    database: options.database,
    programme: { id: programme, title: options.title ?? programme, timeZone, currency: options.currency },
    now: () => context.now(),
  });
  writeProfile(configFile, profileName, {
    server: server.href.replace(/\/$/, ''),
    programme,
    token: made.ownerToken,
    ca: readFileSync(join(directory, authorityFiles.rootCertificate), 'utf8'),
  });
  const { rootFingerprint } = made;
  const database = options.database === undefined ? undefined : describeDatabase(options.database);
  const answer = {
    data: directory,
    ...(database === undefined ? {} : { database }),
    programme,
    timeZone,
    server: server.origin,
    profile: profileName,
    configFile,
    rootFingerprint,
  };
  printAnswer(context, options, answer, () => {
    const style = styleOf(context.stdout);
    return [
      `${style.green('Made')} a new server in ${directory}.`,
      ...(database === undefined ? [] : [`  database     ${database}; the directory holds the keys`]),
      `  programme    ${programme} (${timeZone}, ${options.currency})`,
      `  profile      ${configFile} (holds the owner token; yours alone)`,
      `  root         ${rootFingerprint.replace(/(.{4})(?=.)/g, '$1-')}`,
      '',
      'Next:',
      `  ${style.bold('tapseal serve')}                   in one terminal`,
      `  ${style.bold('tapseal touchpoint add lobby-1')}  in another`,
    ].join('\n');
  });
}
