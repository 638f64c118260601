/** `tapseal-beacon run`: opens state, actuators and radio, serves taps until a signal, and leaves everything at rest. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { allowsAction } from '../actuator/actuator-settings.js';
import { Actuators } from '../actuator/actuators.js';
import { Gpioset } from '../actuator/gpioset.js';
import type { BeaconConfig } from '../config/beacon-config.js';
import { DELIVERY_MS } from '../core/link-bounds.js';
import { Touchpoint } from '../core/touchpoint.js';
import { loadBox } from '../enrol/box-directory.js';
import { type BoxIdentity, rootKeyOf } from '../enrol/box-identity.js';
import { openBlenoRadio } from '../radio/bleno-radio.js';
import type { Radio } from '../radio/radio.js';
import { StatusHook } from '../status-hook/status-hook.js';
import { BoxStore } from '../store/box-store.js';
import { NodeDisk } from '../store/node-disk.js';
import { lockState } from '../store/state-lock.js';
import { BoxDriver } from './box-driver.js';
import { Ending } from './ending.js';
import type { Log } from './log.js';

export type RunOptions = {
  readonly config: BeaconConfig;
  readonly stateDirectory: string;
  readonly log: Log;
  /** Monotonic, milliseconds. Never the clock of the wall: the box has none that it could trust (property 6). */
  readonly nowMs: () => number;
};

/**
 * Serves until SIGTERM or SIGINT.
 * @throws TapsealError not_enrolled, storage_corrupt, storage_failed, state_in_use, adapter_missing, adapter_down,
 * adapter_busy, adapter_forbidden
 */
export async function runBox(options: RunOptions): Promise<void> {
  const { config, log, nowMs } = options;
  const box = loadBox(options.stateDirectory);
  const lock = await lockState(options.stateDirectory);
  const crypto = createNativeCrypto();
  const disk = new NodeDisk(box.directory);
  const store = new BoxStore(disk);
  const warn = (warning: string): void => log.line('warn', { event: 'warning', warning });
  const gpioset = new Gpioset();
  const actuators = new Actuators(config.actions, gpioset, warn);
  const statusHook = new StatusHook(config.status, gpioset, warn);
  const end = new Ending();
  const touchpoint = new Touchpoint(
    {
      crypto,
      signer: crypto.signer('Ed25519', box.seed),
      touchpointId: box.identity.touchpointId,
      programme: box.identity.programme,
      rootKey: rootKeyOf(box.identity),
      allows: (action, amountMinor) => allowsAction(config.actions, action, amountMinor),
      holdMs: config.holdMs,
      state: store.state,
    },
    nowMs(),
  );
  const radio = await openBlenoRadio(config.adapter, {
    linkOpened: (link) => driver.feed({ kind: 'linkOpened', link }),
    mtuChanged: (link, mtu) => driver.feed({ kind: 'mtuChanged', link, mtu }),
    subscribed: (link) => driver.feed({ kind: 'subscribed', link }),
    packetReceived: (link, packet) => driver.feed({ kind: 'packetReceived', link, packet }),
    linkClosed: (link) => driver.feed({ kind: 'linkClosed', link }),
    failed: (error) => end.fail(error),
    warned: warn,
  });
  const driver = new BoxDriver({
    touchpoint,
    store,
    actuators,
    radio,
    nowMs,
    onReport: (report) => {
      log.report(report);
      statusHook.onReport(report);
      // The phone is to hear of it before the process ends; the restart then reads the card afresh.
      if (report.event === 'fault') setTimeout(() => end.fail(new TapsealError(report.code)), DELIVERY_MS);
    },
    onFault: (error) => end.fail(error),
  });
  try {
    end.listen();
    // Orders queue behind this, so that no tap meets a line that an earlier crash left active.
    void actuators.rest();
    driver.feed({ kind: 'started' });
    await Promise.race([radio.advertising(), end.reached]);
    if (!end.isReached)
      log.line('info', { event: 'ready', ...publicIdentity(box.identity), pid: process.pid });
    await end.reached;
  } finally {
    await shutDown({ radio, driver, actuators, statusHook });
    disk.close();
    lock.release();
    log.line('info', { event: 'stopped' });
  }
}

type Running = {
  readonly radio: Radio;
  readonly driver: BoxDriver;
  readonly actuators: Actuators;
  readonly statusHook: StatusHook;
};

async function shutDown({ radio, driver, actuators, statusHook }: Running): Promise<void> {
  // A voucher that was accepted gets its receipt, durable, before the link goes.
  await driver.idle();
  driver.stop();
  await radio.stop();
  await actuators.rest();
  await statusHook.stop();
}

function publicIdentity(identity: BoxIdentity): Record<string, string> {
  return {
    name: identity.name,
    programme: identity.programme,
    touchpointId: bytesToHex(identity.touchpointId),
  };
}
