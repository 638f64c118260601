/** What the virtual machine needs on the host, and the command that brings it. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { findCachedKernel, findKernelPackage } from './kernel.js';

/** Program, and the Debian package that has it. */
const programs: readonly (readonly [program: string, debianPackage: string])[] = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['busybox', 'busybox-static'],
  ['cpio', 'cpio'],
  ['hciconfig', 'bluez'],
  ['btvirt', 'bluez-test-tools'],
  ['depmod', 'kmod'],
  ['gpioset', 'gpiod'],
];

const searchPath = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/bin', '/sbin'];

export type VmRequirements = { ok: true } | { ok: false; missing: string[]; enable: string };

/** Looks for everything the virtual machine needs, changes nothing and uses no network. */
export function vmRequirements(): VmRequirements {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      ok: false,
      missing: ['Linux on x86-64'],
      enable: 'run it on a Debian machine with an x86-64 processor',
    };
  }
  const missing = programs.filter(([program]) => findProgram(program) === undefined);
  const install = missing.map(([, debianPackage]) => debianPackage);
  const kernelKnown = findCachedKernel() !== undefined || findKernelPackage() !== undefined;
  if (missing.length === 0 && kernelKnown) return { ok: true };
  const enable =
    install.length === 0
      ? 'sudo apt-get update'
      : `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${install.join(' ')}`;
  return {
    ok: false,
    missing: [
      ...missing.map(([program]) => program),
      ...(kernelKnown ? [] : ['the package linux-image-amd64']),
    ],
    enable,
  };
}

/** Path of busybox; call only after the requirements were found. */
export function findBusybox(): string {
  const path = findProgram('busybox');
  if (path === undefined) throw new Error('busybox is not installed');
  return path;
}

function findProgram(name: string): string | undefined {
  return searchPath.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
