import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { checkoutFolder } from './kernel.js';

const unitsFolder = join(checkoutFolder, 'hardware', 'systemd');
const units = ['tapseal-beacon.service', 'tapseal-server.service'];
/** Tenths of systemd's exposure level, 0 (nothing) to 100; an ordinary service has 96. */
const exposureTenthsMax = 25;

const skip = systemdVersion() === undefined && process.env.CI === undefined;

describe.skipIf(skip)('systemd units (to enable: sudo apt-get install -y systemd bluez)', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapseal-units-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(units)('%s: systemd finds no fault in it, not even a remark', (unit) => {
    // Our own programs are not installed where the tests run.
    const text = readFileSync(join(unitsFolder, unit), 'utf8').replaceAll(
      /\/usr\/bin\/tapseal(?:-beacon)?\b/g,
      '/bin/true',
    );
    const path = join(folder, unit);
    writeFileSync(path, text);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
      encoding: 'utf8',
    });
    // Other units of the machine may have remarks of their own.
    expect(stderr.split('\n').filter((line) => line.includes('tapseal'))).toEqual([]);
    expect(status).toBe(0);
  });

  test.each(units)('%s: exposure is at most 2.5 of 10', (unit) => {
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      [
        'security',
        '--offline=true',
        `--threshold=${exposureTenthsMax}`,
        '--no-pager',
        join(unitsFolder, unit),
      ],
      { encoding: 'utf8' },
    );
    expect(status, stdout).toBe(0);
  });

  test('the beacon may finish what is at work, and is not started again after what a restart cannot mend', () => {
    const setting = (name: string): string =>
      new RegExp(`^${name}=(.*)$`, 'm').exec(
        readFileSync(join(unitsFolder, 'tapseal-beacon.service'), 'utf8'),
      )?.[1] ?? '';
    const constant = (file: string, name: string): number => {
      const source = readFileSync(join(checkoutFolder, 'beacon', 'src', file), 'utf8');
      const [, digits = ''] = new RegExp(`\\b${name} = ([0-9_]+);`).exec(source) ?? [];
      return Number.parseInt(digits.replaceAll('_', ''), 10);
    };
    const stopMs = 1_000 * Number(/^([0-9]+)s$/.exec(setting('TimeoutStopSec'))?.[1]);
    expect(stopMs).toBeGreaterThan(constant('config/beacon-config.ts', 'COMMAND_MS_MAX'));
    const exitCodes = ['EXIT_USAGE', 'EXIT_ENROLMENT'].map((name) =>
      constant('commands/exit-codes.ts', name),
    );
    expect(setting('RestartPreventExitStatus').split(' ').map(Number)).toEqual(exitCodes);
  });

  test('the beacon has no way to a network and no right beyond Bluetooth', () => {
    const text = readFileSync(join(unitsFolder, 'tapseal-beacon.service'), 'utf8');
    const settings = text.split('\n').filter((line) => /^[A-Z]/.test(line));
    expect(settings).toContain('RestrictAddressFamilies=AF_BLUETOOTH AF_UNIX');
    expect(settings).toContain('CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW');
    expect(settings).toContain('IPAddressDeny=any');
    // AF_BLUETOOTH exists in the first network namespace only.
    expect(settings.some((line) => line.startsWith('PrivateNetwork='))).toBe(false);
  });
});

function systemdVersion(): string | undefined {
  try {
    return execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  } catch {
    return undefined;
  }
}
