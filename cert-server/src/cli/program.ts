/** The tree of commands. One file each in `commands/`; what is common to all of them is declared here. */
import { Command, type Option } from 'commander';
import type { CommandContext } from './command-context.js';
import { addAuthorityShow } from './commands/authority-show.js';
import { addBackup } from './commands/backup.js';
import { addCompletion } from './commands/completion.js';
import { addExport } from './commands/export.js';
import { addGrantList } from './commands/grant-list.js';
import { addGrantRelease } from './commands/grant-release.js';
import { addGrantWatch } from './commands/grant-watch.js';
import { addImport } from './commands/import.js';
import { addInit } from './commands/init.js';
import { addMigrate } from './commands/migrate.js';
import { addOfferChange } from './commands/offer-change.js';
import { addOfferCreate } from './commands/offer-create.js';
import { addOfferDryRun } from './commands/offer-dry-run.js';
import { addOfferExplain } from './commands/offer-explain.js';
import { addOfferList } from './commands/offer-list.js';
import { addOfferPause } from './commands/offer-pause.js';
import { addOfferResume } from './commands/offer-resume.js';
import { addOfferShow } from './commands/offer-show.js';
import { addOfferVersions } from './commands/offer-versions.js';
import { addPhoneList } from './commands/phone-list.js';
import { addPhoneRevoke } from './commands/phone-revoke.js';
import { addProgrammeCreate } from './commands/programme-create.js';
import { addProgrammeList } from './commands/programme-list.js';
import { addRestore } from './commands/restore.js';
import { addServe } from './commands/serve.js';
import { addShopperSet } from './commands/shopper-set.js';
import { addShopperShow } from './commands/shopper-show.js';
import { addTokenCreate } from './commands/token-create.js';
import { addTokenList } from './commands/token-list.js';
import { addTokenRenewOwner } from './commands/token-renew-owner.js';
import { addTokenRevoke } from './commands/token-revoke.js';
import { addTouchpointAdd } from './commands/touchpoint-add.js';
import { addTouchpointCode } from './commands/touchpoint-code.js';
import { addTouchpointEnrollFile } from './commands/touchpoint-enroll-file.js';
import { addTouchpointList } from './commands/touchpoint-list.js';
import { addTouchpointRevoke } from './commands/touchpoint-revoke.js';
import { addTouchpointSet } from './commands/touchpoint-set.js';
import { addTouchpointShow } from './commands/touchpoint-show.js';
import { addVoucherShow } from './commands/voucher-show.js';
import { addVoucherVerify } from './commands/voucher-verify.js';
import { styleOf } from './style.js';
import { reportFaults, subcommand } from './subcommand.js';

type Adding = (parent: Command, context: CommandContext) => void;

type Group = {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  readonly commands: readonly Adding[];
};

const groups: readonly Group[] = [
  {
    name: 'touchpoint',
    summary: 'the boxes at gates, machines, counters and doors',
    example: 'tapseal touchpoint add lobby-1',
    commands: [
      addTouchpointAdd,
      addTouchpointList,
      addTouchpointShow,
      addTouchpointSet,
      addTouchpointCode,
      addTouchpointEnrollFile,
      addTouchpointRevoke,
    ],
  },
  {
    name: 'offer',
    summary: 'what shoppers get, where, when and how often',
    example:
      'tapseal offer create free-coffee --touchpoint lobby-1 --action dispense --max 100 --until 12:00 --per-week 1',
    commands: [
      addOfferCreate,
      addOfferChange,
      addOfferList,
      addOfferShow,
      addOfferVersions,
      addOfferExplain,
      addOfferDryRun,
      addOfferPause,
      addOfferResume,
    ],
  },
  {
    name: 'grant',
    summary: 'what was granted and refused',
    example: 'tapseal grant watch',
    commands: [addGrantList, addGrantWatch, addGrantRelease],
  },
  {
    name: 'voucher',
    summary: 'the signed proof of a grant',
    example: 'tapseal voucher verify voucher.jws --jwks jwks.json',
    commands: [addVoucherShow, addVoucherVerify],
  },
  {
    name: 'phone',
    summary: 'the phones of shoppers',
    example: 'tapseal phone list',
    commands: [addPhoneList, addPhoneRevoke],
  },
  {
    name: 'shopper',
    summary: 'shoppers and their labels',
    example: 'tapseal shopper set 0f8a5c2e9b7d41360f8a5c2e --label tier=gold',
    commands: [addShopperShow, addShopperSet],
  },
  {
    name: 'token',
    summary: 'API tokens and their roles',
    example: 'tapseal token create --role auditor --label "payment provider"',
    commands: [addTokenCreate, addTokenList, addTokenRevoke, addTokenRenewOwner],
  },
  {
    name: 'programme',
    summary: 'programmes: separate operators on one server',
    example: 'tapseal programme list',
    commands: [addProgrammeCreate, addProgrammeList],
  },
  {
    name: 'authority',
    summary: 'the certificates that everything hangs from',
    example: 'tapseal authority show',
    commands: [addAuthorityShow],
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

export function buildProgram(context: CommandContext, version: string): Command {
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
    for (const add of group.commands) add(command, context);
  }
  addBackup(program, context);
  addRestore(program, context);
  addMigrate(program, context);
  addExport(program, context);
  addImport(program, context);
  addCompletion(program, context);
  return program;
}
