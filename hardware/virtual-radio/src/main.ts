#!/usr/bin/env node
// Command line: starts the air and tells what happens on it until it is ended.

import { parseArgs } from 'node:util';
import { airEventLine } from './air-event-line.js';
import { checkAirOptions } from './air-options.js';
import { type AirServerOptions, startAir } from './air-server.js';
import { joinAir } from './join-air.js';
import { type RadioEnvironmentOptions, radioEnvironment } from './preload-path.js';

const HELP = `Usage: tapseal-virtual-radio --socket PATH [options]
       tapseal-virtual-radio --socket PATH [--name NAME] [--position X,Y] -- COMMAND [ARG ...]

Starts a virtual Bluetooth LE air. Processes of Node that use noble or bleno get an adapter on it when they are
started with the environment that is printed first, or by the second form.

  --socket PATH                   where to listen (a unix socket, or a named pipe on Windows)
  --seed N                        of all chance on the air (1)
  --loss P                        chance of each packet to be lost, 0 to 0.99 (0)
  --fading-db N                   standard deviation of the received strength (2)
  --connection-interval-ms N      instead of what centrals ask for: a multiple of 1.25, 7.5 to 4000
  --advertising-interval-ms N     instead of what peripherals ask for: 20 to 10240
  --att-mtu-max N                 largest ATT MTU that hosts can agree on: 23 to 517
  --data-length-max N             largest link layer payload: 27 to 251 (251)
  --link-lifetime-mean-ms N       links fade for good after a random time of this mean (0: never)
  --packets                       tell every packet too
  --json                          one JSON object a line
  --help

  --name NAME                     with a command: label of its adapter
  --position X,Y                  with a command: where it is, in metres (0,0)

Examples:
  tapseal-virtual-radio --socket /run/user/1000/air.sock --seed 7 --loss 0.05 --connection-interval-ms 30
  tapseal-virtual-radio --socket /run/user/1000/air.sock --name gate-1 -- tapseal-beacon run --config beacon.toml

Exit status: 0 ended by a signal, 1 the air could not be started, 2 wrong options; with a command: its own.
`;

interface Join {
  readonly options: RadioEnvironmentOptions;
  readonly command: readonly string[];
}

interface CommandLine {
  readonly air: AirServerOptions;
  readonly json: boolean;
  readonly packets: boolean;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new RangeError(`--${name} must be a number, not ${text}`);
  return value;
}

function parsePosition(text: string): { x: number; y: number } {
  const [x = '', y = '', ...rest] = text.split(',');
  if (rest.length > 0) throw new RangeError(`--position must be X,Y, not ${text}`);
  return { x: number('position', x), y: number('position', y) };
}

/** Undefined when help is asked for. @throws Error saying which option is wrong. */
function parseCommandLine(args: readonly string[]): CommandLine | Join | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      socket: { type: 'string' },
      seed: { type: 'string' },
      loss: { type: 'string' },
      'fading-db': { type: 'string' },
      'connection-interval-ms': { type: 'string' },
      'advertising-interval-ms': { type: 'string' },
      'att-mtu-max': { type: 'string' },
      'data-length-max': { type: 'string' },
      'link-lifetime-mean-ms': { type: 'string' },
      name: { type: 'string' },
      position: { type: 'string' },
      packets: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.socket === undefined) throw new Error('--socket PATH is needed');
  if (positionals.length > 0) {
    const { socket, name, position } = values;
    const place = position === undefined ? {} : { positionM: parsePosition(position) };
    return {
      options: { socketPath: socket, ...(name !== undefined && { name }), ...place },
      command: positionals,
    };
  }
  if (values.name !== undefined || values.position !== undefined) {
    throw new Error('--name and --position are for a command: add -- COMMAND');
  }
  const numbers = {
    seed: values.seed,
    lossProbability: values.loss,
    fadingDb: values['fading-db'],
    connectionIntervalMs: values['connection-interval-ms'],
    advertisingIntervalMs: values['advertising-interval-ms'],
    attMtuMax: values['att-mtu-max'],
    dataLengthMax: values['data-length-max'],
    linkLifetimeMeanMs: values['link-lifetime-mean-ms'],
  };
  const given = Object.entries(numbers).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, number(name, text)] as const],
  );
  const air: AirServerOptions = { socketPath: values.socket, ...Object.fromEntries(given) };
  checkAirOptions(air);
  return {
    air,
    json: values.json,
    packets: values.packets,
  };
}

async function main(): Promise<number> {
  let commandLine: CommandLine | Join | undefined;
  try {
    commandLine = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (commandLine === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  if ('command' in commandLine) return joinAir(commandLine.options, commandLine.command);
  const { air: options, json, packets } = commandLine;
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const air = await startAir(options).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (air === undefined) return 1;
  const environment = radioEnvironment({ socketPath: options.socketPath });
  process.stdout.write(
    json
      ? `${JSON.stringify({ kind: 'listening', socketPath: options.socketPath, environment })}\n`
      : `listening; for an adapter on this air:\n${Object.entries(environment)
          .map(([name, value]) => `  export ${name}='${value}'\n`)
          .join('')}`,
  );
  air.observe((event) => {
    if (event.kind === 'pdu' && !packets) return;
    process.stdout.write(`${json ? JSON.stringify(event, hexBytes) : airEventLine(event)}\n`);
  });
  await ended;
  await air.close();
  return 0;
}

/** Buffers come to a replacer in their own JSON form. */
function hexBytes(key: string, value: unknown): unknown {
  if (key !== 'bytes' || typeof value !== 'object' || value === null || !('data' in value)) return value;
  return Array.isArray(value.data) ? Buffer.from(value.data).toString('hex') : value;
}

process.exitCode = await main();
