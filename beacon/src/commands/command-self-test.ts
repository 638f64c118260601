/** `tapseal-beacon self-test`: one line a check, all of them whatever fails, and an exit code. Acts only when told to. */

import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Action, actions } from '@tapseal/shared/action';
import { equalBytes, utf8 } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { Actuators } from '../actuator/actuators.js';
import { Gpioset } from '../actuator/gpioset.js';
import type { BeaconConfig } from '../config/beacon-config.js';
import { ConfigError, faultLine } from '../config/config-faults.js';
import { requireConfig, stateDirectory } from '../config/config-file.js';
import { openManifest } from '../core/installed-manifest.js';
import { loadBox } from '../enrol/box-directory.js';
import { ed25519KeyOf, rootKeyOf } from '../enrol/box-identity.js';
import { openBlenoRadio } from '../radio/bleno-radio.js';
import { readStore } from '../store/box-store.js';
import { replaceFile } from '../store/disk.js';
import { NodeDisk } from '../store/node-disk.js';
import type { CommandOptions } from './command-options.js';
import { EXIT_FAILED, EXIT_OK } from './exit-codes.js';

export type SelfTestOptions = CommandOptions & {
  readonly actuate?: string;
  /** False for --no-radio. */
  readonly radio: boolean;
};

/** Runs one check and says how it went. @returns what the check returned, or undefined if it failed */
type Checker = <T>(name: string, check: () => T | Promise<T>) => Promise<T | undefined>;

export async function commandSelfTest(options: SelfTestOptions): Promise<number> {
  console.log = console.error;
  const action = parseAction(options.actuate);
  let failed = 0;
  const check: Checker = async (name, run) => {
    try {
      const result = await run();
      print(options, name, undefined);
      return result;
    } catch (error) {
      failed += 1;
      print(options, name, faultOf(error));
      return undefined;
    }
  };
  const config = await check('configuration', () => requireConfig(options.config, process.env).config);
  const directory = stateDirectory(options.stateDir ?? config?.stateDirectory, process.env);
  await checkState(directory, check);
  if (config !== undefined) {
    await checkActuators(config, action, check);
    if (options.radio) await check('radio', () => checkRadio(config));
  }
  return failed === 0 ? EXIT_OK : EXIT_FAILED;
}

function parseAction(name: string | undefined): Action | undefined {
  const action = actions.find((candidate) => candidate === name);
  if (name !== undefined && action === undefined)
    throw new TapsealError('usage_invalid', `--actuate must be one of ${actions.join(', ')}`);
  return action;
}

async function checkState(directory: string, check: Checker): Promise<void> {
  const box = await check('enrolment', () => loadBox(directory));
  if (existsSync(directory)) await check('disk', () => checkDisk(directory));
  if (box === undefined) return;
  const crypto = createNativeCrypto();
  await check('key', () => {
    const own = crypto.signer('Ed25519', box.seed).publicKey;
    const certified = ed25519KeyOf(new X509Certificate(box.identity.certificates[0]));
    if (certified === undefined || !equalBytes(own.bytes, certified.bytes))
      throw new TapsealError('storage_corrupt', 'the key is not that of the certificate');
  });
  const store = await check('store', () => readStore(new NodeDisk(box.directory)));
  if (store === undefined) return;
  await check('manifest', () => {
    const { programme, touchpointId } = box.identity;
    const manifest = openManifest(store.state.manifest, {
      crypto,
      rootKey: rootKeyOf(box.identity),
      programme,
      touchpointId,
    });
    if (manifest.isRevoked) throw new TapsealError('touchpoint_revoked');
  });
}

/** Writes, makes durable, and reads back, beside the state and not in it. */
function checkDisk(directory: string): void {
  const trial = mkdtempSync(join(directory, 'self-test-'));
  try {
    const disk = new NodeDisk(trial);
    const bytes = utf8('tapseal');
    replaceFile(disk, 'trial', bytes);
    if (!equalBytes(Uint8Array.from(disk.read('trial') ?? []), bytes))
      throw new TapsealError('storage_failed');
    disk.close();
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

async function checkActuators(
  config: BeaconConfig,
  actuate: Action | undefined,
  check: Checker,
): Promise<void> {
  const faults: string[] = [];
  const actuators = new Actuators(config.actions, new Gpioset(), (fault) => faults.push(fault));
  for (const [action, actuator] of actuators.byAction) {
    await check(`actuator ${action}`, async () => {
      const fault = await actuator.check();
      if (fault !== undefined) throw new TapsealError('actuation_failed', fault);
    });
  }
  if (actuate === undefined) return;
  await check(`actuate ${actuate}`, async () => {
    const settings = config.actions[actuate];
    if (settings === undefined) throw new TapsealError('voucher_action_forbidden', actuate);
    const amountMinor = settings.actuator === 'pulses' ? settings.minorPerPulse : 0;
    const ok = await actuators.actuate({ transactionId: '0'.repeat(32), action: actuate, amountMinor });
    if (!ok) throw new TapsealError('actuation_failed', faults.join('; '));
  });
}

async function checkRadio(config: BeaconConfig): Promise<void> {
  const nothing = (): void => {};
  const radio = await openBlenoRadio(config.adapter, {
    linkOpened: nothing,
    mtuChanged: nothing,
    subscribed: nothing,
    packetReceived: nothing,
    linkClosed: nothing,
    failed: nothing,
    warned: nothing,
  });
  await radio.stop();
}

type Fault = { readonly code: string; readonly message: string; readonly advice: string };

function faultOf(error: unknown): Fault {
  const known = isTapsealError(error)
    ? error
    : new TapsealError('internal_error', error instanceof Error ? error.message : String(error));
  const message =
    known instanceof ConfigError
      ? known.faults.map((fault) => faultLine(known.file, fault)).join('\n           ')
      : known.message;
  return { code: known.code, message, advice: known.advice };
}

function print(options: CommandOptions, check: string, fault: Fault | undefined): void {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ event: 'check', check, ok: fault === undefined, ...fault })}\n`);
    return;
  }
  if (fault === undefined) process.stdout.write(`ok         ${check}\n`);
  else process.stdout.write(`NOT OK     ${check}: ${fault.message}\n           ${fault.advice}\n`);
}
