/** `tapseal init`: everything that a new server needs, and the profile with which this user talks to it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseCurrency, parseName, parseTimeZone } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { configFileOf, profileNameOf, readConfig, writeProfile } from '../profile.js';
import { DEFAULT_PORT, parseServerAddress } from '../server-address.js';
import { styleOf } from '../style.js';
import { subcommand } from '../subcommand.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & {
  readonly data?: string;
  readonly title?: string;
  readonly timeZone?: string;
  readonly currency: string;
};

const DEFAULT_PROGRAMME = 'main';

export function addInit(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'init', {
    summary: 'make a new server: keys, database, first programme, owner token',
    more:
      'The token goes into your profile and is not shown. --programme names the first programme (main where left out), ' +
      `--server the address under which clients reach the server (https://localhost:${DEFAULT_PORT}). Overwrites nothing.`,
    examples: [
      'tapseal init',
      'tapseal init --programme north-mall --title "North Mall" --time-zone Europe/Berlin --server https://tap.example.com',
    ],
  })
    .option('--data <folder>', 'data directory to make')
    .option('--title <text>', 'title of the programme; its name where left out')
    .option(
      '--time-zone <zone>',
      'time zone of the programme; that of this machine where left out',
      parseTimeZone,
    )
    .option('--currency <code>', 'currency of its amounts', parseCurrency, 'EUR');
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
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
    const { initialise } = await import('../../server/initialise.js');
    const { authorityFiles } = await import('../../authority/key-files.js');
    const made = await initialise({
      directory,
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
    const answer = {
      data: directory,
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
        `  programme    ${programme} (${timeZone}, ${options.currency})`,
        `  profile      ${configFile} (holds the owner token; yours alone)`,
        `  root         ${rootFingerprint.replace(/(.{4})(?=.)/g, '$1-')}`,
        '',
        'Next:',
        `  ${style.bold('tapseal serve')}                   in one terminal`,
        `  ${style.bold('tapseal touchpoint add lobby-1')}  in another`,
      ].join('\n');
    });
  });
}

function parseProgramme(text: string): string {
  try {
    return parseName(text);
  } catch (error) {
    throw usageError(`"${text}" cannot name a programme.`, error instanceof Error ? error.message : '');
  }
}
