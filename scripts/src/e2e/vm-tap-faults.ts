/**
 * What `tapseal-beacon run` says of an adapter that it cannot use, on both ways in: the raw channel, where the kernel's stack keeps
 * the adapter, and the user channel, where the box has it alone. For use inside the virtual machine.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInGuest } from './vm-tap-run.js';

export type StartUpFault = {
  readonly channel: 'raw' | 'user';
  readonly adapter: string;
  readonly exitCode: number;
  readonly code: unknown;
  readonly output: string;
};

type Circumstances = Pick<StartUpFault, 'channel' | 'adapter'> & {
  readonly index?: number;
  readonly wrapper?: readonly string[];
};

/** Still root, but without the two rights that the systemd unit gives. */
const withoutRights = ['setpriv', '--inh-caps=-net_admin,-net_raw', '--bounding-set=-net_admin,-net_raw'];

const whileUp: readonly Circumstances[] = [
  { channel: 'raw', adapter: 'missing', index: 5 },
  { channel: 'user', adapter: 'missing', index: 5 },
  { channel: 'raw', adapter: 'forbidden', wrapper: withoutRights },
  { channel: 'user', adapter: 'forbidden', wrapper: withoutRights },
  { channel: 'user', adapter: 'up' },
];

/** Begins with hci0 up and ends with it down. */
export async function* startUpFaults(configFile: string): AsyncGenerator<StartUpFault> {
  for (const circumstances of whileUp) yield await refusedStart(configFile, circumstances);
  execFileSync('hciconfig', ['hci0', 'down']);
  yield await refusedStart(configFile, { channel: 'raw', adapter: 'down' });
  blockRadio(true);
  yield await refusedStart(configFile, { channel: 'user', adapter: 'blocked' });
  blockRadio(false);
}

/** What `rfkill` does, and boards whose Wi-Fi country is not set do by themselves. */
function blockRadio(blocked: boolean): void {
  const adapter = '/sys/class/bluetooth/hci0';
  const names = readdirSync(adapter).filter((name) => name.startsWith('rfkill'));
  for (const name of names) writeFileSync(join(adapter, name, 'soft'), blocked ? '1' : '0');
}

async function refusedStart(configFile: string, circumstances: Circumstances): Promise<StartUpFault> {
  const { channel, adapter, index, wrapper } = circumstances;
  const env = {
    ...(index !== undefined && { BLENO_HCI_DEVICE_ID: String(index) }),
    ...(channel === 'user' && { HCI_CHANNEL_USER: '1' }),
  };
  const run = await runInGuest('tapseal-beacon', ['run', '--config', configFile], env, wrapper);
  const { code } = run.lines.find(({ event }) => event === 'error') ?? {};
  return { channel, adapter, exitCode: run.exitCode, code, output: run.output };
}
