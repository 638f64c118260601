// The built command line, as a process.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startAir } from './air-server.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapseal-air-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(
  args: readonly string[],
  onLine: (line: string, end: (signal: NodeJS.Signals) => void) => void = () => {},
) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.endsWith('\n')) onLine(stdout, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

it('says where it listens and with which environment, takes the place of a dead air, and ends on a signal', async () => {
  const socketPath = join(folder, 'air.sock');
  const args = ['--socket', socketPath, '--json', '--seed', '7', '--connection-interval-ms', '30'];
  await run(args, (_line, end) => end('SIGKILL'));
  expect(readdirSync(folder)).toEqual(['air.sock']);
  const { code, stdout } = await run(args, (_line, end) => end('SIGTERM'));
  expect(code).toBe(0);
  const { environment, ...rest } = JSON.parse(stdout.split('\n')[0] ?? '');
  expect(rest).toEqual({ kind: 'listening', socketPath });
  expect(environment).toMatchObject({ TAPSEAL_RADIO_SOCKET: socketPath });
  expect(readdirSync(folder)).toEqual([]);
});

it('ends with status 1 where another air listens', async () => {
  const socketPath = join(folder, 'air.sock');
  const air = await startAir({ socketPath });
  const { code, stderr } = await run(['--socket', socketPath]);
  await air.close();
  expect(code).toBe(1);
  expect(stderr).toContain('another air listens');
});

it.each([
  [[], '--socket PATH is needed'],
  [['--socket', 'x', '--loss', '2'], 'lossProbability must be 0 to 0.99'],
  [['--socket', 'x', '--seed', 'y'], '--seed must be a number'],
  [['--socket', 'x', '--colour'], "Unknown option '--colour'"],
])('ends with status 2 on %j', async (args, message) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Examples:');
});

it('shows its options with an example', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('Examples:');
});

it('puts a command on the air, and ends with its exit status', async () => {
  const socketPath = join(folder, 'air.sock');
  const script =
    'console.log(process.env.TAPSEAL_RADIO_NAME, process.env.TAPSEAL_RADIO_POSITION_M); process.exit(7)';
  const place = ['--socket', socketPath, '--name', 'box', '--position', '3,4'];
  const { code, stdout } = await run([...place, '--', process.execPath, '-e', script]);
  expect(stdout).toBe('box 3,4\n');
  expect(code).toBe(7);
});

it('says so where a name stands without a command', async () => {
  const { code, stderr } = await run(['--socket', join(folder, 'air.sock'), '--name', 'box']);
  expect(code).toBe(2);
  expect(stderr).toContain('-- COMMAND');
});
