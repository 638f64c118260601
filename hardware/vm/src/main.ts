#!/usr/bin/env node
/** The command line `tapseal-vm`. Exit codes: the command's own; 64 wrong usage; 69 a requirement is missing; 70 the guest failed. */
import { findCachedKernel, prepareKernel } from './kernel.js';
import { runInVm } from './run-in-vm.js';
import { vmRequirements } from './vm-requirements.js';

const help = `Usage: tapseal-vm <command>

Runs a command of this checkout in a small virtual machine with the real Linux Bluetooth stack and two adapters.

Commands:
  check                      say whether this machine can do it, and what would enable it
  prepare                    download and unpack the kernel now, so that later runs need no network
  run [options] -- COMMAND   boot, run COMMAND as root in the checkout's folder, power off

Options of run:
  --env NAME=VALUE           environment of the command; may be repeated
  --timeout SECONDS          for everything, boot included (default 120)

Example:
  tapseal-vm run --env DEBUG=hci -- node hardware/vm/dist/smoke/main.js

Exit codes: that of COMMAND; 64 wrong usage; 69 a requirement is missing; 70 the machine did not come up or did not end.
`;

const exitUsage = 64;
const exitUnavailable = 69;
const exitGuestFailed = 70;

async function main(words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  switch (command) {
    case 'check':
      return check();
    case 'prepare':
      return prepare();
    case 'run':
      return run(rest);
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(help);
      return 0;
    default:
      process.stderr.write(help);
      return exitUsage;
  }
}

function check(): number {
  const requirements = vmRequirements();
  if (requirements.ok) {
    console.log(
      `ready (kernel ${findCachedKernel() === undefined ? 'will be downloaded at the first run' : 'is cached'})`,
    );
    return 0;
  }
  console.error(`missing: ${requirements.missing.join(', ')}\nto enable: ${requirements.enable}`);
  return exitUnavailable;
}

function prepare(): number {
  const requirements = vmRequirements();
  if (!requirements.ok) return check();
  console.log(prepareKernel().image);
  return 0;
}

async function run(words: readonly string[]): Promise<number> {
  const split = words.indexOf('--');
  const command = split === -1 ? [] : words.slice(split + 1);
  const options = parseRunOptions(split === -1 ? words : words.slice(0, split));
  if (options === undefined || command.length === 0) {
    process.stderr.write(help);
    return exitUsage;
  }
  const requirements = vmRequirements();
  if (!requirements.ok) return check();
  try {
    const { exitCode } = await runInVm({ command, ...options, onLine: (line) => console.log(line) });
    return exitCode;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return exitGuestFailed;
  }
}

function parseRunOptions(
  words: readonly string[],
): { env: Record<string, string>; timeoutMs: number } | undefined {
  const env: Record<string, string> = {};
  let timeoutMs = 120_000;
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1] ?? '';
    const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? [];
    if (words[at] === '--env' && name !== undefined && text !== undefined) env[name] = text;
    else if (words[at] === '--timeout' && /^[1-9]\d{0,4}$/.test(value)) timeoutMs = Number(value) * 1000;
    else return undefined;
  }
  return { env, timeoutMs };
}

process.exitCode = await main(process.argv.slice(2));
