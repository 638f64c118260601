/**
 * On PostgreSQL anything can be killed: the server, a process of the database that is at work for it, or the whole database. Last,
 * the primary of two databases: its standby, which has all that was acknowledged, takes its place.
 */
import {
  startStandby,
  startTestPostgres,
  type TestPostgres,
} from '@tapseal/cert-server/testing/test-postgres';
import type { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import { describe, expect, test } from 'vitest';
import { seeded } from '../seed.js';
import { CrashRun, type Killing } from './crash-run.js';
import { LimitsVenue } from './limits-venue.js';
import { ServerDesk } from './server-desk.js';

const KILLS = 200;
const FAILOVERS = 4;
const ROUNDS_BEFORE_FAILOVER = 2;
/** Of a machine that is many times slower. */
const RUN_MS_MAX = 3_600_000;

const boxes = ['gate-1', 'gate-2', 'gate-3'].map((name) => ({ name, labels: {} }));

type Running = {
  readonly venue: LimitsVenue;
  readonly desk: ServerDesk;
  server: Awaited<ReturnType<LimitsVenue['startServer']>>;
};

async function startAll(postgres: TestPostgres): Promise<Running> {
  const venue = await LimitsVenue.make({ phones: 60, boxes, database: await postgres.createDatabase() });
  const server = await venue.startServer();
  return { venue, desk: new ServerDesk(venue, [server.url]), server };
}

async function stopAll({ venue, desk }: Running): Promise<void> {
  desk.close();
  await venue.close();
}

async function restartServer(running: Running): Promise<void> {
  await running.server.process.ended;
  running.server = await running.venue.startServer();
  running.desk.urls = [running.server.url];
}

function killServer(running: Running): Killing {
  return {
    kill: () => running.server.process.kill('SIGKILL'),
    recover: () => restartServer(running),
  };
}

/** One process of the database that serves the server: PostgreSQL ends all the others, recovers, and goes on. */
async function killBackend(postgres: TestPostgres, random: SeededRandom): Promise<Killing> {
  const rows = await postgres.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'tapseal' ORDER BY pid",
  );
  const pid = rows[Math.floor(random.unit() * rows.length)]?.pid;
  return {
    kill: () => {
      try {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      } catch (error) {
        // It may have ended by itself since it was asked for.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
    recover: async () => undefined,
  };
}

function killDatabase(postgres: TestPostgres): Killing {
  return { kill: () => postgres.kill(), recover: () => postgres.restart() };
}

describe('PostgreSQL', () => {
  test(`${KILLS} times the server or the database is killed under load, and nothing acknowledged is lost`, {
    timeout: RUN_MS_MAX,
  }, async () => {
    const { random } = seeded('crash-postgres', 3_300);
    const postgres = await startTestPostgres();
    const running = await startAll(postgres);
    const kinds = { server: 0, backend: 0, database: 0 };
    try {
      const run = new CrashRun(running.venue, running.desk, random);
      for (let kills = 0; kills < KILLS; kills++) {
        const draw = random.unit();
        const kind = draw < 0.4 ? 'server' : draw < 0.7 ? 'backend' : 'database';
        kinds[kind] += 1;
        if (kind === 'server') await run.round(killServer(running));
        else if (kind === 'backend') await run.round(await killBackend(postgres, random));
        else await run.round(killDatabase(postgres));
      }
      console.log(`crash-postgres: ${KILLS} kills`, kinds, run.counts);
      expect(run.counts.granted).toBeGreaterThan(KILLS);
      expect(run.counts.refused).toBeGreaterThan(KILLS);
      expect(run.counts.recordedUnanswered).toBeGreaterThan(0);
    } finally {
      await stopAll(running);
      await postgres.stop();
    }
  });

  test(`${FAILOVERS} times the primary is killed under load, and its synchronous standby has all that was acknowledged`, {
    timeout: RUN_MS_MAX,
  }, async () => {
    const { random } = seeded('standby', 3_400);
    let primary = await startTestPostgres();
    const running = await startAll(primary);
    try {
      const run = new CrashRun(running.venue, running.desk, random);
      for (let failovers = 0; failovers < FAILOVERS; failovers++) {
        const standby = await startStandby(primary);
        // First the connections that the restart of the primary cut are made again.
        for (let round = 0; round < ROUNDS_BEFORE_FAILOVER; round++) await run.round(killServer(running));
        const [old, { pathname }] = [primary, new URL(running.venue.database ?? '')];
        await run.round({
          kill: () => old.kill(),
          recover: async () => {
            await standby.promote();
            running.venue.database = standby.server.url(pathname.slice(1));
            running.server.process.kill('SIGKILL');
            await restartServer(running);
          },
        });
        await old.stop();
        primary = standby.server;
      }
      console.log(`standby: ${FAILOVERS} failovers`, run.counts);
      expect(run.counts.granted).toBeGreaterThan(FAILOVERS);
      expect(run.counts.unanswered).toBeGreaterThan(0);
    } finally {
      await stopAll(running);
      await primary.stop();
    }
  });
});
