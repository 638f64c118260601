/** How to provoke the codes that a box raises at its start and at its enrolment: the real `tapseal-beacon`, as a process. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockState } from '@tapseal/beacon/store/state-lock';
import { TestAuthority } from '@tapseal/beacon/testing/test-authority';
import { startTestServer } from '@tapseal/cert-server/testing/test-server';
import { formatEnrolmentCode } from '@tapseal/shared/enrolment';
import { crypto, enrolBox } from './bench-box.js';
import {
  faultyRadioEnvironment,
  nobody,
  runToError,
  withFolder,
  withForeignServer,
} from './program-sighting.js';
import type { Scenario, Scenarios, Sighting } from './scenario.js';

/** Whatever else runs on the machine of the test: the faults of the adapter are played. */
const goodConfig = '[adapter]\nallow_bluetoothd = true\n[actions.open]\nactuator = "log"\n';

type Bench = {
  readonly folder: string;
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Sighting>;
};

const inFolder =
  (play: (bench: Bench) => Promise<Sighting>, config = goodConfig): Scenario =>
  () =>
    withFolder((folder) => {
      const configFile = join(folder, 'beacon.toml');
      const state = join(folder, 'state');
      writeFileSync(configFile, config);
      const options = ['--config', configFile, '--state-dir', state, '--json'];
      return play({
        folder,
        run: (args, environment) => runToError('tapseal-beacon', [...args, ...options], folder, environment),
      });
    });

/** As inFolder, with a box that is enrolled. */
const enrolled =
  (play: (stateDirectory: string, run: Bench['run']) => Promise<Sighting>): Scenario =>
  async () => {
    const state = await enrolBox(await TestAuthority.make(crypto));
    try {
      return await withFolder(async (folder) => {
        const configFile = join(folder, 'beacon.toml');
        writeFileSync(configFile, goodConfig);
        const options = ['--config', configFile, '--state-dir', state, '--json'];
        return play(state, (args, environment) =>
          runToError('tapseal-beacon', [...args, ...options], state, environment),
        );
      });
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  };

const adapter = (fault: string): Scenario =>
  enrolled((_state, run) => run(['run'], faultyRadioEnvironment(fault)));

const someCode = (rootFingerprint: string): Record<string, string> => ({
  TAPSEAL_ENROLMENT_CODE: formatEnrolmentCode({ secret: '0123456789ABCDEF', rootFingerprint }),
});

export const boxProcessScenarios = {
  usage_invalid: inFolder(({ run }) => run(['enroll'])),
  config_invalid: inFolder(({ run }) => run(['run']), '[actions.open]\nactuator = "lever"\n'),
  not_enrolled: inFolder(({ run }) => run(['run'])),
  already_enrolled: enrolled((_state, run) => run(['enroll', '--server', nobody], someCode('0'.repeat(16)))),
  enrolment_failed: inFolder(async ({ run }) => {
    const server = await startTestServer();
    try {
      const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
      return await run(['enroll', '--server', url], someCode(server.authority.rootFingerprint));
    } finally {
      await server.close();
    }
  }),
  network_unavailable: inFolder(({ run }) => run(['enroll', '--server', nobody], someCode('0'.repeat(16)))),
  server_answer_invalid: inFolder(({ run }) =>
    withForeignServer((url) => run(['enroll', '--server', url], someCode('0'.repeat(16)))),
  ),
  storage_corrupt: enrolled((state, run) => {
    const journal = join(state, 'current', 'journal');
    const bytes = readFileSync(journal);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(journal, bytes);
    return run(['run']);
  }),
  state_in_use: enrolled(async (state, run) => {
    const lock = await lockState(state);
    try {
      return await run(['run']);
    } finally {
      lock.release();
    }
  }),
  adapter_missing: adapter('ENODEV'),
  adapter_down: adapter('down'),
  adapter_busy: adapter('EBUSY'),
  adapter_forbidden: adapter('EPERM'),
} satisfies Partial<Scenarios<'touchpoint'>>;
