/** A data directory with a crowd enrolled, and what the benchmark must know of it. Copied for each server that is measured. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAuthority } from '@tapseal/cert-server/authority/authority';
import { initialise } from '@tapseal/cert-server/server/initialise';
import { openStore } from '@tapseal/cert-server/store/open-store';
import { storeLocation } from '@tapseal/cert-server/store/store-location';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { programFile } from '../../fleet/package-bin.js';
import { type Crowd, PROGRAMME } from './crowd.js';
import { CURRENCY, enrolCrowd, TIME_ZONE } from './enrol-crowd.js';
import { ServerProcess } from './server-process.js';

const FACTS_FILE = 'bench.json';

export type InstallationFacts = {
  readonly crowd: Crowd;
  readonly ownerToken: string;
  /** What the boxes have. */
  readonly manifestVersion: number;
  /** Hexadecimal: hellos are sealed to it. */
  readonly sealKey: string;
};

export type Installation = InstallationFacts & { readonly directory: string };

/** One that was made before; undefined where there is none. */
export function findInstallation(directory: string): Installation | undefined {
  const file = join(directory, FACTS_FILE);
  if (!existsSync(file)) return undefined;
  return { directory, ...(JSON.parse(readFileSync(file, 'utf8')) as InstallationFacts) };
}

/** @param database address of an empty PostgreSQL database; undefined: the embedded one */
export async function makeInstallation(
  directory: string,
  crowd: Crowd,
  database?: string,
): Promise<Installation> {
  mkdirSync(directory, { recursive: true });
  const programme = { id: PROGRAMME, title: 'Bench', timeZone: TIME_ZONE, currency: CURRENCY };
  const { ownerToken } = await initialise({ directory, programme, database });
  const crypto = createNativeCrypto();
  const authority = await loadAuthority(crypto, directory);
  const nowMs = Date.now();
  const store = await openStore(storeLocation(directory, database), nowMs);
  try {
    const manifestVersion = await enrolCrowd({ store, authority, crypto, nowMs }, crowd);
    const sealKey = Buffer.from(authority.sealKey.publicKey).toString('hex');
    const facts: InstallationFacts = { crowd, ownerToken, manifestVersion, sealKey };
    writeFileSync(join(directory, FACTS_FILE), JSON.stringify(facts), { mode: 0o600 });
    return { directory, ...facts };
  } finally {
    await store.close();
  }
}

/** No server runs on `from`. */
export function copyInstallation(from: Installation, directory: string): Installation {
  cpSync(from.directory, directory, { recursive: true });
  return { ...from, directory };
}

/** So high that nobody meets it; the limiter itself runs, as it does for everybody. */
export const REQUESTS_A_MINUTE = 100_000_000;

export type ServeOptions = {
  /** Address of the PostgreSQL database; absent: the embedded one. */
  readonly database?: string;
  /** Of its log, where several servers share the directory. */
  readonly name?: string;
};

const UNIT_FILE = fileURLToPath(
  new URL('../../../../hardware/systemd/tapseal-server.service', import.meta.url),
);

/** What the systemd unit gives the server's engine. */
export function engineOptions(): { readonly NODE_OPTIONS: string } {
  const [, options] = /^Environment=NODE_OPTIONS=(\S+)$/m.exec(readFileSync(UNIT_FILE, 'utf8')) ?? [];
  if (options === undefined) throw new Error(`${UNIT_FILE} has no NODE_OPTIONS`);
  return { NODE_OPTIONS: options };
}

/** `tapseal serve` as systemd runs it, but for plain HTTP. */
export function startServer(installation: Installation, options: ServeOptions = {}): Promise<ServerProcess> {
  const { directory } = installation;
  const { database, name = 'server' } = options;
  const limit = ['--rate-limit', String(REQUESTS_A_MINUTE)];
  return ServerProcess.start({
    args: [
      programFile('tapseal'),
      ...['serve', '--data', directory, '--no-tls', '--port', '0', ...limit, '--json'],
    ],
    env: { ...engineOptions(), ...(database === undefined ? {} : { TAPSEAL_DATABASE: database }) },
    logFile: join(directory, `${name}.log`),
  });
}
