/**
 * The operator's desk of the test in the virtual machine: a server with a touchpoint and an offer, made on the host, where the
 * command line takes half a second instead of ten. The guest sees the folder at the same path and changes a copy of it.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@tapseal/cert-server/testing/free-port';
import { JsonLinesProcess } from '../fleet/json-lines-process.js';
import { programFile } from '../fleet/package-bin.js';
import { runProgram } from '../fleet/run-program.js';

export type Desk = {
  readonly folder: string;
  readonly server: string;
  readonly caFile: string;
  /** Holds the enrolment code. */
  readonly codeFile: string;
  /** Configuration of another box, enrolled already and without a device: for starts that are to fail. */
  readonly trialConfigFile: string;
  /** Of the operator's command line. */
  readonly environment: Readonly<Record<string, string>>;
  readonly programme: string;
  readonly touchpoint: string;
  readonly offer: string;
};

/** @param server as it was when the desk was prepared */
export function openDesk(folder: string, server: string): Desk {
  return {
    folder,
    server,
    caFile: join(folder, 'ca.pem'),
    codeFile: join(folder, 'code'),
    trialConfigFile: join(folder, 'trial.toml'),
    environment: { XDG_CONFIG_HOME: join(folder, 'config'), XDG_DATA_HOME: join(folder, 'data') },
    programme: 'demo',
    touchpoint: 'gate-1',
    offer: 'free-parking',
  };
}

/** Leaves no process behind; the folder is the caller's to remove. */
export async function prepareDesk(timeZone: string): Promise<Desk> {
  const port = String(await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'tapseal-vm-tap-'));
  const desk = openDesk(folder, `https://localhost:${port}`);
  const tapseal = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { exitCode, stdout, stderr } = await runProgram('tapseal', [...args, '--json'], desk.environment);
    if (exitCode !== 0) throw new Error(`tapseal ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const { programme, touchpoint, offer } = desk;
  await tapseal('init', '--programme', programme, '--time-zone', timeZone, '--server', desk.server);
  const server = new JsonLinesProcess({
    label: 'server',
    args: [programFile('tapseal'), 'serve', '--port', port, '--json'],
    env: desk.environment,
  });
  try {
    await server.seen((line) => typeof line.url === 'string', 'address');
    await tapseal('authority', 'show', '--out', desk.caFile);
    const added = await tapseal(
      'touchpoint',
      'add',
      touchpoint,
      '--title',
      'Exit gate',
      '--place',
      'Car park',
    );
    writeFileSync(desk.codeFile, `${added.enrolmentCode}\n`, { mode: 0o600 });
    const rule = ['--touchpoint', touchpoint, '--action', 'open', '--per-week', '1'];
    await tapseal('offer', 'create', offer, ...rule);
    const trial = await tapseal('touchpoint', 'add', 'trial-1', '--title', 'Trial', '--place', 'Workbench');
    await enrolTrial(desk, String(trial.enrolmentCode));
  } finally {
    await server.stop();
  }
  return desk;
}

async function enrolTrial(desk: Desk, code: string): Promise<void> {
  const state = JSON.stringify(join(desk.folder, 'trial'));
  writeFileSync(desk.trialConfigFile, `state_directory = ${state}\n[actions.stamp]\nactuator = "log"\n`);
  const { exitCode, stderr } = await runProgram(
    'tapseal-beacon',
    ['enroll', '--server', desk.server, '--config', desk.trialConfigFile],
    { TAPSEAL_ENROLMENT_CODE: code },
  );
  if (exitCode !== 0) throw new Error(`enroll: ${stderr}`);
}
