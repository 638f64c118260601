#!/usr/bin/env node
/**
 * The command line of the touchpoint. Each command is loaded when it is called: `run` starts without the X.509 library of
 * `enroll`, and `status` without a radio.
 */
import './run/lean-engine.js';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Command, CommanderError } from 'commander';
import type { EnrollOptions } from './commands/command-enroll.js';
import type { CommandOptions } from './commands/command-options.js';
import type { SelfTestOptions } from './commands/command-self-test.js';
import { EXIT_OK, EXIT_USAGE, exitCodesHelp } from './commands/exit-codes.js';
import { printError } from './commands/print-error.js';

function declare(parent: Command, name: string, summary: string, example: string): Command {
  return parent
    .command(name)
    .description(summary)
    .option('--config <file>', 'configuration file')
    .option('--state-dir <directory>', 'where the box keeps its key and records')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', `\nExample:\n  $ tapseal-beacon ${example}\n\n${exitCodesHelp}`)
    .exitOverride();
}

function program(setExitCode: (code: number) => void): Command {
  const root = new Command('tapseal-beacon')
    .description('The touchpoint: an offline box that checks vouchers and opens the gate.')
    .addHelpText(
      'after',
      `\nExample:\n  $ tapseal-beacon run --config /etc/tapseal/beacon.toml\n\n${exitCodesHelp}`,
    )
    .exitOverride();
  declare(
    root,
    'enroll',
    'make the key of the box and fetch its certificate',
    'enroll --server https://tapseal.example',
  )
    .option('--server <url>', 'certificate server; http only on this machine')
    .option('--code-file <file>', 'file with the enrolment code; else TAPSEAL_ENROLMENT_CODE, else a prompt')
    .option('--ca <file>', 'PEM certificates to trust for TLS instead of the root that the code names')
    .option('--request-out <file>', 'without a network: write the request for the server')
    .option('--response-in <file>', 'without a network: read the answer of the server')
    .option('--replace', 'give an enrolled box a new key and certificate')
    .action(async (options: EnrollOptions) => {
      const { commandEnroll } = await import('./commands/command-enroll.js');
      setExitCode(await commandEnroll(options));
    });
  declare(
    root,
    'run',
    'advertise and serve taps until SIGTERM',
    'run --config /etc/tapseal/beacon.toml --json',
  ).action(async (options: CommandOptions) => {
    const { commandRun } = await import('./commands/command-run.js');
    setExitCode(await commandRun(options));
  });
  declare(
    root,
    'status',
    'show who the box is and what it keeps, also while it runs',
    'status --json',
  ).action(async (options: CommandOptions) => {
    const { commandStatus } = await import('./commands/command-status.js');
    setExitCode(await commandStatus(options));
  });
  declare(
    root,
    'self-test',
    'check configuration, store, key, radio and actuators',
    'self-test --actuate open',
  )
    .option('--actuate <action>', 'also do this action, once, for real')
    .option('--no-radio', 'leave the Bluetooth adapter out')
    .action(async (options: SelfTestOptions) => {
      const { commandSelfTest } = await import('./commands/command-self-test.js');
      setExitCode(await commandSelfTest(options));
    });
  return root;
}

async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const json = args.includes('--json');
  // With --json everything that a program is to read is on standard output.
  const write = (text: string): boolean => (json ? process.stdout : process.stderr).write(text);
  try {
    await program((code) => {
      exitCode = code;
    }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, json, write);
    // Commander has printed the help, or its complaint, already.
    if (error.exitCode === 0) return EXIT_OK;
    if (!json) return EXIT_USAGE;
    return printError(new TapsealError('usage_invalid', error.message.replace(/^error: /, '')), json, write);
  }
}

const code = await main(process.argv.slice(2));
// Said outright, because bleno's timers would keep the process alive.
process.exit(code);
