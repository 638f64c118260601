/** How to provoke what the command line says of a store: keys, tables and databases that do not fit. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import { startTestPostgres, type TestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import Sqlite from 'better-sqlite3';
import { runProgram } from '../../fleet/run-program.js';
import { atHome, type Bench, init } from './operator-home.js';
import type { Scenario, Scenarios, Sighting } from './scenario.js';

/** The data directory where nobody names another. */
const dataOf = ({ folder }: Bench): string => join(folder, 'data', 'tapseal');

/** Must succeed. */
async function prepare({ environment }: Bench, ...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runProgram('tapseal', [...args, '--json'], environment);
  if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
}

const withServer = (play: (bench: Bench) => Promise<Sighting>): Scenario =>
  atHome(async (bench) => {
    await prepare(bench, ...init);
    return play(bench);
  });

const withPostgres = (play: (bench: Bench, postgres: TestPostgres) => Promise<Sighting>): Scenario =>
  atHome(async (bench) => {
    const postgres = await startTestPostgres();
    try {
      return await play(bench, postgres);
    } finally {
      await postgres.stop();
    }
  });

function change(bench: Bench, sql: string): void {
  const database = new Sqlite(join(dataOf(bench), DATABASE_FILE));
  database.exec(sql);
  database.close();
}

const serve = ['serve', '--port', '0', '--log-level', 'silent'] as const;

export const operatorStoreScenarios = {
  keys_mismatch: withServer(async (bench) => {
    const other = join(bench.folder, 'other');
    await prepare(bench, ...init, '--data', other, '--profile', 'other');
    cpSync(join(other, 'seal.key.pem'), join(dataOf(bench), 'seal.key.pem'));
    return bench.run(...serve);
  }),
  voucher_key_missing: withServer((bench) => {
    change(
      bench,
      `INSERT INTO decision (programme, sequence, transaction_id, granted, request_hash, phone, shopper, box, touchpoint,
         box_nonce, offer, offer_version, amount_minor, decided_at_ms, manifest_version, receipts_through,
         box_manifest_version, voucher_key_id, code, rule, used, maximum)
       VALUES ('main', 1, zeroblob(16), 0, zeroblob(32), zeroblob(16), 's', zeroblob(8), 'lobby-1',
         zeroblob(16), 'coffee', 1, 0, 1790000000000, 1, 0, 1, x'00000000', 'limit_reached', 'all', 1, 1)`,
    );
    return bench.run(...serve);
  }),
  schema_newer: withServer((bench) => {
    change(bench, 'UPDATE migration SET step = step + 90');
    return bench.run('migrate');
  }),
  schema_outdated: atHome((bench) => {
    const file = join(bench.folder, DATABASE_FILE);
    writeFileSync(file, '');
    return bench.run('migrate', '--check', '--data', bench.folder);
  }),
  name_taken: withServer(async (bench) => {
    const file = join(bench.folder, 'main.export');
    await prepare(bench, 'export', '--out', file);
    return bench.run('import', '--in', file);
  }),
  programme_unknown: withServer((bench) =>
    bench.run('export', '--programme', 'nowhere', '--out', join(bench.folder, 'nowhere.export')),
  ),
  database_unavailable: atHome(({ run }) =>
    run('migrate', '--database', 'postgres://tapseal@127.0.0.1:1/tapseal'),
  ),
  database_missing: withPostgres(({ run }, postgres) =>
    run('migrate', '--database', postgres.url('nowhere')),
  ),
  database_login_refused: withPostgres(({ run }, { port }) =>
    run('migrate', '--database', `postgres://tapseal:wrong@127.0.0.1:${port}/postgres`),
  ),
  database_not_empty: withPostgres(async (bench, postgres) => {
    const database = ['--database', await postgres.createDatabase()] as const;
    await prepare(bench, ...init, ...database);
    const second = ['--data', join(bench.folder, 'second'), '--profile', 'second'] as const;
    return bench.run(...init, ...second, ...database);
  }),
} satisfies Partial<Scenarios<'operator'>>;
