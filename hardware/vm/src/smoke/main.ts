/**
 * Runs the two smoke processes inside the guest: a peripheral on hci0, then a central on hci1. Exit status 0 only if the central's
 * conversation went well and the peripheral saw it end.
 *
 * The peripheral has its adapter to itself (the HCI user channel), as a touchpoint should: on the shared raw channel the HCI socket
 * module opens a blocking L2CAP socket when a central connects, and when it gets there before the kernel has booked the connection,
 * the whole process stands still until that socket times out.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

function start(name: string, env: Record<string, string>) {
  const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return spawn(process.execPath, [path], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

// The user channel is given only for an adapter that is down.
execFileSync('hciconfig', ['hci0', 'down']);
const peripheral = start('peripheral', { HCI_CHANNEL_USER: '1' });
const peripheralLines = createInterface({ input: peripheral.stdout });
const advertising = new Promise<void>((resolve) => {
  peripheralLines.on('line', (line) => {
    console.log(`peripheral: ${line}`);
    if (line === 'advertising') resolve();
  });
});
const disconnected = new Promise<void>((resolve) => {
  peripheralLines.on('line', (line) => {
    if (line === 'disconnected') resolve();
  });
});
const peripheralEnded = once(peripheral, 'exit').then(() => {
  throw new Error('the peripheral ended');
});

try {
  await Promise.race([advertising, peripheralEnded]);
  const central = start('central', {});
  central.stdout.pipe(process.stdout);
  const [status] = await once(central, 'exit');
  if (status === 0) await Promise.race([disconnected, peripheralEnded]);
  process.exitCode = typeof status === 'number' ? status : 1;
} finally {
  peripheralEnded.catch(() => undefined);
  peripheral.kill('SIGTERM');
}
