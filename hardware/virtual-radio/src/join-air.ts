// Runs a command whose noble or bleno gets an adapter on an air that listens already.

import { spawn } from 'node:child_process';
import { type RadioEnvironmentOptions, radioEnvironment } from './preload-path.js';

/** Exit status of shells for a command that cannot be started. */
const NOT_STARTED = 127;

/**
 * The command has the terminal to itself; signals of the terminal reach it without us.
 * @returns its exit status, 128 and more where a signal ended it
 */
export function joinAir(options: RadioEnvironmentOptions, command: readonly string[]): Promise<number> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    stdio: 'inherit',
    env: { ...process.env, ...radioEnvironment(options) },
  });
  // Ctrl-C goes to the whole foreground group: the command decides what it means.
  const ignore = (): void => {};
  const passOn = (): void => {
    child.kill('SIGTERM');
  };
  process.on('SIGINT', ignore);
  process.on('SIGTERM', passOn);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${file}: ${error.message}\n`);
      resolve(NOT_STARTED);
    });
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
