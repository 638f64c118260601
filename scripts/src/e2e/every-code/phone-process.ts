/** How to provoke the codes of the phone's Node adapters: the real `tapseal-shopper`, as a process. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer } from '@tapseal/cert-server/testing/test-server';
import { runProgram } from '../../fleet/run-program.js';
import { faultyRadioEnvironment, nobody, runToError, withFolder } from './program-sighting.js';
import type { Scenario, Scenarios, Sighting } from './scenario.js';

const optionsOf = (url: string, folder: string): string[] => [
  ...['--server', url, '--programme', 'venue', '--state', folder, '--json'],
];

const tap = (url: string, folder: string): string[] => [
  'tap',
  ...optionsOf(url, folder),
  '--offer',
  'free-coffee',
];

const adapter =
  (fault: string): Scenario =>
  () =>
    withFolder((folder) =>
      runToError('tapseal-shopper', tap(nobody, folder), folder, faultyRadioEnvironment(fault)),
    );

/** A phone that is registered: its key and its registration are in the folder. */
const registered =
  (play: (url: string, folder: string) => Promise<Sighting>): Scenario =>
  () =>
    withFolder(async (folder) => {
      const server = await startTestServer();
      try {
        const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
        const { exitCode, stderr } = await runProgram('tapseal-shopper', [
          'register',
          ...optionsOf(url, folder),
        ]);
        if (exitCode !== 0) throw new Error(`not registered: ${stderr}`);
        return await play(url, folder);
      } finally {
        await server.close();
      }
    });

export const phoneProcessScenarios = {
  usage_invalid: () =>
    withFolder((folder) =>
      runToError('tapseal-shopper', ['register', ...optionsOf('ftp://tickets.example', folder)], folder),
    ),
  storage_corrupt: registered((url, folder) => {
    chmodSync(join(folder, 'key.json'), 0o644);
    return runToError('tapseal-shopper', ['register', ...optionsOf(url, folder)], folder);
  }),
  adapter_missing: adapter('ENODEV'),
  // A phone looks for its adapter when it scans, and it scans once it is registered.
  adapter_down: registered((url, folder) =>
    runToError('tapseal-shopper', tap(url, folder), folder, faultyRadioEnvironment('down')),
  ),
  adapter_busy: adapter('EBUSY'),
  adapter_forbidden: adapter('EPERM'),
} satisfies Partial<Scenarios<'phone'>>;
