/** How to provoke every code that the operator's command line raises by itself: the real `tapseal`, as a process. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../fleet/run-program.js';
import { atHome, init } from './operator-home.js';
import { operatorStoreScenarios } from './operator-store.js';
import { nobody, runToError, withFolder, withForeignServer } from './program-sighting.js';
import type { Scenario, Scenarios, Sighting } from './scenario.js';

const token = { TAPSEAL_TOKEN: 'not-a-token', TAPSEAL_PROGRAMME: 'main' };

const withToken =
  (address: (play: (url: string) => Promise<Sighting>) => Promise<Sighting>): Scenario =>
  () =>
    withFolder((folder) =>
      address((url) =>
        runToError('tapseal', ['offer', 'list', '--server', url, '--json'], folder, {
          ...token,
          XDG_CONFIG_HOME: folder,
        }),
      ),
    );

export const operatorScenarios: Scenarios<'operator'> = {
  ...operatorStoreScenarios,
  usage_invalid: atHome(({ run }) => run('offer', 'create', 'free-coffee')),
  config_invalid: atHome(({ folder, run }) => {
    const file = join(folder, 'profiles.json');
    writeFileSync(file, '{ "profiles": 7 }', { mode: 0o600 });
    return run('offer', 'list', '--config', file);
  }),
  token_missing: atHome(({ run }) => run('offer', 'list', '--server', nobody, '--programme', 'main')),
  network_unavailable: withToken((play) => play(nobody)),
  server_answer_invalid: withToken(withForeignServer),
  not_initialised: atHome(({ run }) => run('serve', '--port', '0')),
  already_initialised: atHome(async ({ folder, environment, run }) => {
    const { exitCode, stderr } = await runProgram('tapseal', [...init, '--json'], environment);
    if (exitCode !== 0) throw new Error(`no server was made: ${stderr}`);
    return run(...init, '--config', join(folder, 'another-profile.json'));
  }),
  internal_error: atHome(({ folder, run }) => {
    // A data directory that cannot be made, because a file is in its way.
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'config'));
    return run(...init, '--data', join(folder, 'file', 'data'));
  }),
};
