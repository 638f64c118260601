/** For tests only: a process with all that it has started, ended at one moment, as a power cut would. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

async function childrenOf(pid: number): Promise<number[]> {
  const linux = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => undefined);
  if (linux !== undefined) return linux.split(' ').filter(Boolean).map(Number);
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child ?? Number.NaN)
    .filter(Number.isInteger);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** A process that nobody has waited for yet still has its id. */
async function isGone(pid: number): Promise<boolean> {
  if (!signal(pid, 0)) return true;
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /\) Z /.test(status);
}

/** SIGKILL for the process and its children. Settles when none of them runs any more. */
export async function killTree(pid: number): Promise<void> {
  // Stopped first: it could start another child between the reading and the killing.
  if (!signal(pid, 'SIGSTOP')) return;
  const all = [pid, ...(await childrenOf(pid))];
  for (const one of all) signal(one, 'SIGKILL');
  for (const one of all) {
    while (!(await isGone(one))) await sleep(1);
  }
}
