/**
 * QEMU, as a process that is read line by line and always ends.
 *
 * Plain emulation (TCG), without KVM: it needs no privileges, works inside other virtual machines, and behaves the same everywhere.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface QemuMachine {
  /** Kernel image. */
  kernel: string;
  /** Archive of the first file system. */
  initramfs: string;
  /** File that the kernel's messages are written to. */
  consoleLog: string;
  memoryMb: number;
  cpus: number;
}

/** How QEMU ended: by itself, or because the time was up. */
export type QemuEnd = { kind: 'ended'; status: number | null; stderr: string } | { kind: 'timedOut' };

/** The argument list; the first serial port goes to `consoleLog`, the second one to standard output. */
export function listQemuArguments(machine: QemuMachine): string[] {
  return [
    ...[
      '-accel',
      'tcg,thread=multi',
      '-cpu',
      'max',
      '-m',
      String(machine.memoryMb),
      '-smp',
      String(machine.cpus),
    ],
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-rtc', 'base=utc'],
    ...['-kernel', machine.kernel, '-initrd', machine.initramfs],
    ...['-append', 'console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off'],
    ...[
      '-serial',
      `file:${machine.consoleLog}`,
      '-chardev',
      'stdio,id=job,signal=off',
      '-serial',
      'chardev:job',
    ],
    // Read only: nothing that runs in the guest can change the host.
    ...['-virtfs', 'local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap'],
  ];
}

/** Starts QEMU, hands on each line of the second serial port, and resolves when the process is gone. */
export function runQemu(
  machine: QemuMachine,
  timeoutMs: number,
  onLine: (line: string) => void,
): Promise<QemuEnd> {
  return new Promise((resolve, reject) => {
    // The kernel ends QEMU when this process dies, however it dies: an interrupted test leaves no machine behind.
    const words = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...listQemuArguments(machine)];
    const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    createInterface({ input: child.stdout }).on('line', (line) => onLine(line.replace(/\r$/, '')));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (status) => {
      clearTimeout(timer);
      resolve(timedOut ? { kind: 'timedOut' } : { kind: 'ended', status, stderr });
    });
  });
}
