import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gpioset } from '../actuator/gpioset.js';
import { StatusHook } from './status-hook.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-status-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function script(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o700);
  return path;
}

test('runs the hook with each new state, skips states that have passed, and tells its faults', async () => {
  const log = join(directory, 'states');
  const path = script('hook', `echo $TAPSEAL_STATE >> ${log}; [ $TAPSEAL_STATE != refused ]`);
  const faults: string[] = [];
  const hook = new StatusHook({ hook: { path, args: [], timeoutMs: 5_000 } }, new Gpioset(), (fault) =>
    faults.push(fault),
  );
  hook.onReport({ event: 'advertising', epoch: 1 });
  hook.onReport({ event: 'link_opened', link: 1 });
  hook.onReport({ event: 'refused', message: 'voucher', code: 'voucher_used' });
  await hook.stop();
  hook.onReport({ event: 'hello', link: 1 });
  await hook.stop();
  expect(readFileSync(log, 'utf8')).toBe('advertising\nrefused\n');
  expect(faults).toEqual(['status hook: exit status 1']);
});

test('shows states on the LED and leaves it dark', async () => {
  const log = join(directory, 'led');
  const path = script(
    'gpioset',
    `[ "$1" = --version ] && echo 'gpioset (libgpiod) v2.2.1' && exit 0\necho "$@" >> ${log}`,
  );
  const led = { chip: 'gpiochip0', line: 25, activeLow: false };
  const hook = new StatusHook({ led }, new Gpioset(path), () => {});
  hook.onReport({
    event: 'actuated',
    transactionId: '00',
    action: 'open',
    amountMinor: 0,
    outcome: 'failed',
  });
  await hook.stop();
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  expect(lines[0]).toMatch(/--toggle (60ms,){19}0 25=1$/);
  expect(lines[1]).toMatch(/--toggle 0 25=0$/);
});
