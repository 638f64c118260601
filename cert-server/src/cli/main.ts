#!/usr/bin/env node
/** `tapseal`: hands the process to the command line. */
import { readFileSync } from 'node:fs';
import type { CommandContext } from './command-context.js';
import { runCommand } from './run-command.js';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const version =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';

const context: CommandContext = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => Date.now(),
  onStop: (stop) => {
    // `once`: a second signal finds no listener and ends the process.
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  },
};

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has seen enough, as `head` does.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await runCommand(context, process.argv.slice(2), version);
