import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AdapterPresence } from './adapter-presence.js';

test('an adapter has gone when it is no longer there, or another is in its place', () => {
  const sysfs = mkdtempSync(join(tmpdir(), 'tapseal-sysfs-'));
  mkdirSync(join(sysfs, 'hci3'));
  const presence = new AdapterPresence(3, sysfs);
  expect(presence.isGone).toBe(false);
  renameSync(join(sysfs, 'hci3'), join(sysfs, 'hci4'));
  expect(presence.isGone).toBe(true);
  mkdirSync(join(sysfs, 'hci3'));
  expect(presence.isGone).toBe(true);
  rmSync(sysfs, { recursive: true });
});

test('an adapter that was not shown there is not missed, whatever is shown later', () => {
  const sysfs = mkdtempSync(join(tmpdir(), 'tapseal-sysfs-'));
  const presence = new AdapterPresence(0, sysfs);
  expect(presence.isGone).toBe(false);
  mkdirSync(join(sysfs, 'hci0'));
  expect(presence.isGone).toBe(false);
  rmSync(sysfs, { recursive: true });
});
