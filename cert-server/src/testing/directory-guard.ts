/**
 * For tests only: a directory that does not outlive the process that made it, nor does the PostgreSQL server in it, however the
 * process ends. A shell waits for the end of its input, which the system closes with the process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/** A process id can have gone to somebody else since it was written down: the command line tells. */
const script = `
  cat
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
  if [ -n "$pid" ] && { tr '\\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | grep -qF "$1"; then
    kill -QUIT "$pid"
    tries=0
    while [ $tries -lt 600 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
  fi
  rm -rf "$1"
`;

/** @returns removes the directory now */
export function guardDirectory(directory: string): () => Promise<void> {
  const guard = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  // Whoever ends does not wait for the guard; the guard waits for whoever ends.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return async () => {
    guard.ref();
    const gone = once(guard, 'exit');
    guard.stdin.end();
    await gone;
  };
}
