/** What Linux says of a process: memory and processor time, from /proc (proc(5)). */
import { readFileSync } from 'node:fs';

/** USER_HZ: fixed at 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** Resident memory, MB (10^6 bytes). @param peak the highest so far, instead of now */
export function residentMb(pid: number, peak = false): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const match = new RegExp(`^${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+) kB`, 'm').exec(status);
  if (match?.[1] === undefined) throw new Error(`no memory figure for process ${pid}`);
  return (Number(match[1]) * 1_024) / 1e6;
}

/** Processor time since the start of the process, in user and kernel mode, in steps of 10 ms. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in the second field may hold spaces and parentheses: the fields after it are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
