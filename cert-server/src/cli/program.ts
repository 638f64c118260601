/** The tree of commands. One file each in `commands/`; what is common to all of them is declared here. */
import { Command, type Option } from 'commander';
import type { CommandContext } from './command-context.js';
import { addBackup } from './commands/backup.js';
import { addCompletion } from './commands/completion.js';
import { addExport } from './commands/export.js';
import { addImport } from './commands/import.js';
import { addInit } from './commands/init.js';
import { addMigrate } from './commands/migrate.js';
import { addRestore } from './commands/restore.js';
import { addServe } from './commands/serve.js';
import { styleOf } from './style.js';
import { type CommandAdding, reportFaults, subcommand } from './subcommand.js';

type Group = {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  /** Loaded for who names the group, and no other. */
  readonly load: () => Promise<readonly CommandAdding[]>;
};

const groups: readonly Group[] = [
  {
    name: 'touchpoint',
    summary: 'the boxes at gates, machines, counters and doors',
    example: 'tapseal touchpoint add lobby-1',
    load: async () => (await import('./commands/touchpoint-commands.js')).touchpointCommands,
  },
  {
    name: 'offer',
    summary: 'what shoppers get, where, when and how often',
    example:
      'tapseal offer create free-coffee --touchpoint lobby-1 --action dispense --max 100 --until 12:00 --per-week 1',
    load: async () => (await import('./commands/offer-commands.js')).offerCommands,
  },
  {
    name: 'grant',
    summary: 'what was granted and refused',
    example: 'tapseal grant watch',
    load: async () => (await import('./commands/grant-commands.js')).grantCommands,
  },
  {
    name: 'voucher',
    summary: 'the signed proof of a grant',
    example: 'tapseal voucher verify voucher.jws --jwks jwks.json',
    load: async () => (await import('./commands/voucher-commands.js')).voucherCommands,
  },
  {
    name: 'phone',
    summary: 'the phones of shoppers',
    example: 'tapseal phone list',
    load: async () => (await import('./commands/phone-commands.js')).phoneCommands,
  },
  {
    name: 'shopper',
    summary: 'shoppers and their labels',
    example: 'tapseal shopper set 0f8a5c2e9b7d41360f8a5c2e --label tier=gold',
    load: async () => (await import('./commands/shopper-commands.js')).shopperCommands,
  },
  {
    name: 'token',
    summary: 'API tokens and their roles',
    example: 'tapseal token create --role auditor --label "payment provider"',
    load: async () => (await import('./commands/token-commands.js')).tokenCommands,
  },
  {
    name: 'programme',
    summary: 'programmes: separate operators on one server',
    example: 'tapseal programme list',
    load: async () => (await import('./commands/programme-commands.js')).programmeCommands,
  },
  {
    name: 'authority',
    summary: 'the certificates that everything hangs from',
    example: 'tapseal authority show',
    load: async () => (await import('./commands/authority-commands.js')).authorityCommands,
  },
];

/** Those of the program below each command, except for what only makes sense at the top. */
function visibleGlobalOptions(command: Command): Option[] {
  const program = command.parent === null ? undefined : rootOf(command);
  return program?.options.filter((option) => option.long !== '--version') ?? [];
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** The completion of a shell knows the commands of every group. */
function isNamed(group: Group, words: readonly string[]): boolean {
  return words.includes(group.name) || words.includes('completion');
}

/** @param words of the command line. Groups that none of them names are listed and left empty. */
export async function buildProgram(
  context: CommandContext,
  version: string,
  words: readonly string[],
): Promise<Command> {
  const program = new Command('tapseal');
  const style = styleOf(context.stdout);
  program
    .description('Operates a Tapseal certificate server.')
    .version(version, '--version', 'print the version')
    .option('--server <url>', 'address of the server (TAPSEAL_SERVER)')
    .option('--programme <name>', 'programme to act in (TAPSEAL_PROGRAMME)')
    .option('--profile <name>', 'profile to use (TAPSEAL_PROFILE)')
    .option('--config <file>', 'file with the profiles (TAPSEAL_CONFIG)')
    .option('--token-file <file>', 'file with the API token (or TAPSEAL_TOKEN)')
    .option('--ca <file>', 'certificates to trust for TLS, PEM')
    .option('--insecure-http', 'allow plain HTTP to and from other machines')
    .option('--json', 'print JSON')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions,
      styleTitle: (title) => style.bold(title),
    })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Faults are printed as problems, by whoever catches them.
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      '\nExample:\n  $ tapseal init && tapseal serve\n\nEach command has its own --help.',
    );
  reportFaults(program);
  addInit(program, context);
  addServe(program, context);
  for (const group of groups) {
    const command = subcommand(program, group.name, { summary: group.summary, examples: [group.example] });
    if (!isNamed(group, words)) continue;
    for (const add of await group.load()) add(command, context);
  }
  addBackup(program, context);
  addRestore(program, context);
  addMigrate(program, context);
  addExport(program, context);
  addImport(program, context);
  addCompletion(program, context);
  return program;
}
