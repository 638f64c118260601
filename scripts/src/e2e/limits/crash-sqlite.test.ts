/** The server is killed again and again under load; its embedded database keeps what was acknowledged. */
import { expect, test } from 'vitest';
import { seeded } from '../seed.js';
import { CrashRun } from './crash-run.js';
import { LimitsVenue } from './limits-venue.js';
import { ServerDesk } from './server-desk.js';

const KILLS = 200;
/** Of a machine that is many times slower. */
const RUN_MS_MAX = 3_600_000;

test(`SQLite: ${KILLS} times the server is killed under load, and nothing acknowledged is lost`, {
  timeout: RUN_MS_MAX,
}, async () => {
  const { random } = seeded('crash-sqlite', 3_200);
  const boxes = ['gate-1', 'gate-2', 'gate-3'].map((name) => ({ name, labels: {} }));
  const venue = await LimitsVenue.make({ phones: 60, boxes });
  let server = await venue.startServer();
  const desk = new ServerDesk(venue, [server.url]);
  try {
    const run = new CrashRun(venue, desk, random);
    for (let kills = 0; kills < KILLS; kills++) {
      await run.round({
        kill: () => server.process.kill('SIGKILL'),
        recover: async () => {
          await server.process.ended;
          server = await venue.startServer();
          desk.urls = [server.url];
        },
      });
    }
    console.log(`crash-sqlite: ${KILLS} kills`, run.counts);
    expect(run.counts.granted).toBeGreaterThan(KILLS);
    expect(run.counts.refused).toBeGreaterThan(KILLS);
    // Else the kills came at moments at which nothing was under way; how much is, depends on the machine.
    expect(run.counts.unanswered).toBeGreaterThan(KILLS / 10);
    expect(run.counts.recordedUnanswered).toBeGreaterThan(0);
  } finally {
    desk.close();
    await venue.close();
  }
});
