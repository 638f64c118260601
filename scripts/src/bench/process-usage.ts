/** What Linux says of a process: memory and processor time, from /proc (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory, MB (10^6 bytes). @param peak the highest so far, instead of now */
export function residentMb(pid: number, peak = false): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const match = new RegExp(`^${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+) kB`, 'm').exec(status);
  if (match?.[1] === undefined) throw new Error(`no memory figure for process ${pid}`);
  return (Number(match[1]) * 1_024) / 1e6;
}

/** Processor time of all threads since the start of the process, from the scheduler's own account in nanoseconds. */
export function processorMs(pid: number): number {
  const threads = `/proc/${pid}/task`;
  let totalNs = 0;
  for (const thread of readdirSync(threads)) {
    const [runNs = '0'] = readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ');
    totalNs += Number(runNs);
  }
  return totalNs / 1e6;
}
