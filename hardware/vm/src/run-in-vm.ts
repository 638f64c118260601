/**
 * Runs one command of this checkout inside a small Linux virtual machine that has two Bluetooth adapters.
 *
 * The guest sees the host's root read only, with a writable layer in memory above it: the same Node, the same checkout at the same
 * path, and nothing that the guest does outlives it. The command runs as root; hci0 and hci1 are up and hear each other; the
 * loopback network is up and there is no other.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { writeGuestInit } from './guest-init.js';
import { buildInitramfs } from './initramfs.js';
import { checkoutFolder, prepareKernel } from './kernel.js';
import { runQemu } from './qemu.js';
import { findBusybox, vmRequirements } from './vm-requirements.js';

export interface VmRun {
  /** The command and its arguments, with the checkout's root as working folder. */
  command: readonly string[];
  /** Environment of the command; PATH, HOME, BLENO_HCI_DEVICE_ID=0 and NOBLE_HCI_DEVICE_ID=1 are there already. */
  env?: Readonly<Record<string, string>>;
  /** For everything, boot included. Emulation is about ten times slower than the host. */
  timeoutMs: number;
  /** Called with each line the command prints (standard output and error together) as it comes. */
  onLine?: (line: string) => void;
  /** Called once when both adapters are up and the command is about to start. */
  onReady?: () => void;
}

/** The command's own exit status, and all it printed. */
export interface VmResult {
  exitCode: number;
  lines: string[];
}

/**
 * Boots, runs the command, powers off.
 *
 * Throws when a requirement is missing, when the guest did not come up, or when the time was up; the error's text then ends with
 * the last lines the guest printed.
 */
export async function runInVm(run: VmRun): Promise<VmResult> {
  const requirements = vmRequirements();
  if (!requirements.ok) {
    throw new Error(`missing: ${requirements.missing.join(', ')}; to enable: ${requirements.enable}`);
  }
  const kernel = prepareKernel();
  const workFolder = mkdtempSync(join(tmpdir(), 'tapseal-vm-'));
  try {
    const marker = `vm-${randomBytes(8).toString('hex')}`;
    const init = writeGuestInit(
      { command: run.command, env: run.env ?? {}, folder: checkoutFolder, marker },
      kernel.modules.map((path) => basename(path)),
    );
    const initramfs = buildInitramfs(workFolder, kernel, findBusybox(), init);
    const consoleLog = join(workFolder, 'console.log');
    const lines: string[] = [];
    let exitCode: number | undefined;
    let failedStep: string | undefined;
    const machine = { kernel: kernel.image, initramfs, consoleLog, memoryMb: 1024, cpus: 2 };
    const end = await runQemu(machine, run.timeoutMs, (line) => {
      // The command's last line may lack its line break, so the marker need not stand at the start.
      const at = line.indexOf(`${marker} `);
      const printed = at === -1 ? line : line.slice(0, at);
      if (at === -1 || printed !== '') {
        lines.push(printed);
        run.onLine?.(printed);
      }
      if (at === -1) return;
      const [word, ...rest] = line.slice(at + marker.length + 1).split(' ');
      if (word === 'ready') run.onReady?.();
      else if (word === 'exit') exitCode = Number(rest[0]);
      else if (word === 'failed') failedStep = rest.join(' ');
    });
    if (exitCode !== undefined) return { exitCode, lines };
    const reason =
      failedStep !== undefined
        ? `the guest could not be set up, at: ${failedStep}`
        : end.kind === 'timedOut'
          ? `the guest did not finish within ${run.timeoutMs} ms`
          : `the guest ended without a result (QEMU status ${end.status}) ${end.stderr}`;
    throw new Error([reason, ...tail(readConsole(consoleLog)), ...tail(lines)].join('\n'));
  } finally {
    rmSync(workFolder, { recursive: true, force: true });
  }
}

function readConsole(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n');
  } catch {
    return []; // QEMU did not get as far as opening it.
  }
}

function tail(lines: readonly string[]): string[] {
  return lines.slice(-15);
}
