#!/usr/bin/env node
/**
 * `tapseal-shopper`: a phone on the command line, for people with a Linux laptop and for the project's own demonstrations and
 * benchmarks. Prints every event of the SDK; the line protocol of `watch` is described in its help.
 */
import { readFile } from 'node:fs/promises';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openShopper, type ShopperOptions } from './shopper.js';
import { shopperExit } from './shopper-exit.js';
import { printer } from './shopper-output.js';
import { tapOnce } from './shopper-tap.js';
import { watch, watchHelp } from './shopper-watch.js';

function wholeNumber(text: string): number {
  if (!/^-?\d{1,7}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}

type Flags = {
  readonly server: string;
  readonly programme: string;
  readonly state: string;
  readonly ca?: string;
  readonly key: 'Ed25519' | 'P-256';
  readonly adapter?: number;
  readonly rssiFloor?: number;
  readonly holdMs?: number;
  readonly connectionIntervalMs?: number;
  readonly resolveByHello?: boolean;
  readonly touchpoint?: string;
  readonly json?: boolean;
};

type TapFlags = Flags & {
  readonly offer: string;
  readonly approveAfterMs: number;
  readonly repeat: number;
  readonly timeoutMs: number;
};

async function optionsOf(flags: Flags): Promise<ShopperOptions> {
  let ca: string | undefined;
  if (flags.ca !== undefined) {
    try {
      ca = await readFile(flags.ca, 'utf8');
    } catch (cause) {
      throw new TapsealError('usage_invalid', `--ca ${flags.ca}: cannot be read`, { cause });
    }
  }
  return {
    server: flags.server,
    programme: flags.programme,
    stateFolder: flags.state,
    ca,
    keyAlgorithm: flags.key,
    adapter: flags.adapter,
    rssiFloorDbm: flags.rssiFloor,
    holdMs: flags.holdMs,
    connectionIntervalMs: flags.connectionIntervalMs,
    resolveByHello: flags.resolveByHello ?? false,
    touchpoint: flags.touchpoint,
  };
}

function common(command: Command): Command {
  return command
    .requiredOption('--server <url>', 'address of the certificate server')
    .requiredOption('--programme <name>', 'programme to take part in')
    .requiredOption('--state <dir>', 'folder for the key, the registration and the outbox')
    .option('--ca <file>', 'PEM of the authority of the server, where the system does not know it')
    .addOption(
      new Option('--key <algorithm>', 'of a key that is made').choices(['Ed25519', 'P-256']).default('P-256'),
    )
    .option('--json', 'one JSON object a line');
}

function radio(command: Command): Command {
  return common(command)
    .option('--touchpoint <name>', 'connect to this touchpoint only; else to the closest')
    .option('--adapter <n>', 'use hciN', wholeNumber)
    .option('--rssi-floor <dbm>', 'weaker touchpoints are not connected to', wholeNumber)
    .option('--hold-ms <ms>', 'how long a link is held before the approval', wholeNumber)
    .option('--connection-interval-ms <ms>', 'ask for this interval (8 to 100)', wholeNumber)
    .option('--resolve-by-hello', 'do not ask the server by advert, as in browsers');
}

function program(): Command {
  const root = new Command('tapseal-shopper')
    .description('A phone on the command line: finds touchpoints, approves, carries vouchers.')
    .addHelpText('after', `\nExit status: ${shopperExit.text}`)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });

  common(root.command('register').description('make the key and register it with the programme'))
    .addHelpText(
      'after',
      '\nExample:\n  tapseal-shopper register --server https://127.0.0.1:8443 --programme demo --ca ca.pem --state ~/.tapseal',
    )
    .action(async (flags: Flags) => {
      const print = printer(flags.json === true);
      const shopper = await openShopper(await optionsOf(flags), { radio: false });
      const identity = await shopper.client.register();
      print({ type: 'registered', phoneId: identity.phoneIdHex, shopper: identity.shopper });
      shopper.close();
    });

  radio(root.command('tap').description('wait for a touchpoint, approve an offer, and end'))
    .requiredOption('--offer <id>', 'offer to approve')
    .option('--approve-after-ms <ms>', 'time to read the offer', wholeNumber, 0)
    .option('--repeat <n>', 'taps to make, one after the other', wholeNumber, 1)
    .option('--timeout-ms <ms>', 'give up a tap that has not ended by then', wholeNumber, 60_000)
    .addHelpText(
      'after',
      '\nExamples:\n  tapseal-shopper tap --server https://127.0.0.1:8443 --programme demo --ca ca.pem --state ~/.tapseal --offer free-coffee\n  sudo tapseal-shopper tap … --offer parking --touchpoint gate-1 --approve-after-ms 2000 --json',
    )
    .action(async (flags: TapFlags) => {
      const print = printer(flags.json === true);
      const shopper = await openShopper(await optionsOf(flags), { radio: true });
      shopper.client.subscribe(print);
      for (let count = 0; count < flags.repeat; count++) {
        const outcome = await tapOnce(shopper, flags);
        process.exitCode = Math.max(Number(process.exitCode ?? 0), shopperExit.ofOutcome(outcome));
      }
      await shopper.stop();
    });

  radio(root.command('watch').description('print events, and take commands on standard input'))
    .addHelpText('after', watchHelp)
    .action(async (flags: Flags) => {
      const print = printer(flags.json === true);
      const shopper = await openShopper(await optionsOf(flags), { radio: true });
      shopper.client.subscribe(print);
      await watch(shopper, process.stdin, print);
      await shopper.stop();
    });
  return root;
}

async function main(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (thrown) {
    if (thrown instanceof Error && 'exitCode' in thrown && 'code' in thrown && !isTapsealError(thrown)) {
      // commander has printed its message or its help already.
      process.exitCode = thrown.exitCode === 0 ? 0 : shopperExit.usage;
    } else {
      const error = isTapsealError(thrown) ? thrown : new TapsealError('internal_error', String(thrown));
      process.stderr.write(`tapseal-shopper: ${error.code}: ${error.message}\n${error.advice}\n`);
      process.exitCode = shopperExit.ofError(error.code);
    }
  }
  // noble polls its adapter for ever: the process has to be ended.
  process.stdout.write('', () => process.exit());
}

void main();
