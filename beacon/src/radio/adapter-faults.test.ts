import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  adapterFault,
  adapterSocketFault,
  adapterStateFault,
  isBluetoothdRunning,
} from './adapter-faults.js';

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('what an adapter shows, as one of four codes', () => {
  test.each([
    ['EAFNOSUPPORT', 'adapter_missing'],
    ['ENODEV', 'adapter_missing'],
    ['MODULE_NOT_FOUND', 'adapter_missing'],
    ['ERR_MODULE_NOT_FOUND', 'adapter_missing'],
    ['EPERM', 'adapter_forbidden'],
    ['EACCES', 'adapter_forbidden'],
    ['EBUSY', 'adapter_busy'],
    ['ENETDOWN', 'adapter_down'],
    ['EPIPE', 'adapter_missing'],
    ['EWHATEVER', 'adapter_missing'],
  ])('%s', (errno, code) => {
    expect(adapterFault(failure(errno)).code).toBe(code);
  });

  test.each([
    ['EPIPE', 'adapter_missing'],
    ['ENODEV', 'adapter_missing'],
    ['ENETDOWN', 'adapter_down'],
    ['EAGAIN', undefined],
    ['ENOBUFS', undefined],
  ])('%s of the open socket', (errno, code) => {
    expect(adapterSocketFault(failure(errno))?.code).toBe(code);
  });

  test('what Node has no name for is known by its number', () => {
    expect(adapterSocketFault(Object.assign(failure(''), { errno: 77 }))?.code).toBe('adapter_missing');
    expect(adapterFault(Object.assign(failure(''), { errno: 132 })).code).toBe('adapter_down');
  });

  test.each([
    ['poweredOff', 'adapter_down'],
    ['unauthorized', 'adapter_forbidden'],
    ['unsupported', 'adapter_missing'],
    ['poweredOn', undefined],
    ['unknown', undefined],
  ])('state %s', (state, code) => {
    expect(adapterStateFault(state)?.code).toBe(code);
  });
});

test('a bluetoothd is seen by its name', () => {
  const proc = mkdtempSync(join(tmpdir(), 'tapseal-proc-'));
  for (const [pid, name] of [
    ['1', 'systemd'],
    ['22', 'bluetoothctl'],
  ] as const) {
    mkdirSync(join(proc, pid));
    writeFileSync(join(proc, pid, 'comm'), `${name}\n`);
  }
  mkdirSync(join(proc, 'sys'));
  expect(isBluetoothdRunning(proc)).toBe(false);
  mkdirSync(join(proc, '333'));
  writeFileSync(join(proc, '333', 'comm'), 'bluetoothd\n');
  expect(isBluetoothdRunning(proc)).toBe(true);
  rmSync(proc, { recursive: true });
  expect(isBluetoothdRunning(proc)).toBe(false);
});
