/** Properties 5 and 6 with real processes: the box judges freshness without a clock that anybody could set. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../fleet/run-program.js';
import type { TouchpointStart } from '../fleet/workbench.js';
import { PrivateServer } from './private-server.js';
import { seeded } from './seed.js';
import { type Box, type Phone, readReceipt, Venue } from './venue.js';

const { seed } = seeded('properties 5, 6', 20_261_105);

const skewedClock = fileURLToPath(new URL('../../dist/e2e/skewed-clock.cjs', import.meta.url));
/** Two of them are the 60 s that a voucher has. */
const STEP_MS = 30_000;
const TEN_YEARS_MS = 10 * 365.25 * 86_400_000;

function turnedClock(turn: { readonly wallMs?: number; readonly stepMs?: number }): TouchpointStart {
  return {
    preloads: [skewedClock],
    env: {
      TAPSEAL_TEST_WALL_SHIFT_MS: String(turn.wallMs ?? 0),
      TAPSEAL_TEST_MONOTONIC_STEP_MS: String(turn.stepMs ?? 0),
    },
  };
}

let venue: Venue;
let gate: Box;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gate, phone] = await Promise.all([
    venue.addBox('gate', { start: turnedClock({ stepMs: STEP_MS }) }),
    venue.addPhone('phone'),
  ]);
  await venue.addOffer([gate]);
});

afterAll(() => venue?.close());

describe('property 5: a voucher held back past its window is refused without a clock', () => {
  async function heldBackFor(steps: number): Promise<string> {
    const link = await phone.body.connect(gate.deviceId);
    const granted = await venue.grant(phone.brain, link);
    await link.close();
    for (let step = 0; step < steps; step++) {
      const moved = gate.process.next((line) => line.event === 'clock_moved', 'move of the clock');
      gate.process.kill('SIGUSR2');
      await moved;
    }
    const later = await phone.body.connect(gate.deviceId);
    const reply = await later.ask('voucher', granted.voucher);
    await later.close();
    return reply.status ?? readReceipt(reply.body).outcome;
  }

  test('property 5: within its 60 s it opens the gate, also on another link', async () => {
    expect(await heldBackFor(1)).toBe('actuated');
    expect(gate.actuations()).toHaveLength(1);
  });

  test('property 5: at 60 s and long after them it is refused', async () => {
    expect(await heldBackFor(2)).toBe('voucher_nonce_unknown');
    expect(await heldBackFor(20)).toBe('voucher_nonce_unknown');
    expect(gate.actuations()).toHaveLength(1);
  });

  test('property 5: kept until the box has restarted, it is refused', async () => {
    const link = await phone.body.connect(gate.deviceId);
    const granted = await venue.grant(phone.brain, link);
    await link.close();
    await gate.process.stop();
    await venue.restart(gate, turnedClock({ stepMs: STEP_MS }));
    const later = await phone.body.connect(gate.deviceId);
    expect(await later.statusOf('voucher', granted.voucher)).toBe('voucher_nonce_unknown');
    await later.close();
    expect(gate.actuations()).toHaveLength(1);
  });
});

describe.each([
  ['behind', -TEN_YEARS_MS],
  ['ahead', TEN_YEARS_MS],
])("property 6: the box's clock set ten years off either way: nothing changes (%s)", (name, wallMs) => {
  const { preloads = [], env = {} } = turnedClock({ wallMs });
  let box: Box;

  beforeAll(async () => {
    box = await venue.addBox(`gate-${name}`, {
      enrolEnv: {
        ...env,
        NODE_OPTIONS: preloads.map((file) => `--require ${JSON.stringify(file)}`).join(' '),
      },
      start: turnedClock({ wallMs }),
    });
    await venue.workbench.tapseal(
      'offer',
      'create',
      `at-${name}`,
      '--action',
      'open',
      '--touchpoint',
      box.plan.name,
    );
  });

  test(`property 6: enrolled ${name}, it serves a tap once`, async () => {
    const link = await phone.body.connect(box.deviceId);
    const granted = await venue.grant(phone.brain, link, `at-${name}`);
    const receipt = await link.receipt(granted.voucher);
    expect(readReceipt(receipt)).toMatchObject({ outcome: 'actuated', counter: 1 });
    expect(await link.statusOf('voucher', granted.voucher)).toBe('voucher_used');
    await link.close();
    expect(await phone.brain.postReceipts(receipt)).toEqual(['stored']);
    expect(box.actuations()).toHaveLength(1);
  });

  test(`property 6: restarted with its clock jumped the other way, it serves a tap`, async () => {
    await box.process.stop();
    await venue.restart(box, turnedClock({ wallMs: -wallMs }));
    const link = await phone.body.connect(box.deviceId);
    const granted = await venue.grant(phone.brain, link, `at-${name}`);
    const receipt = await link.receipt(granted.voucher);
    expect(readReceipt(receipt)).toMatchObject({ outcome: 'actuated', counter: 2 });
    await link.close();
    expect(await phone.brain.postReceipts(receipt)).toEqual(['stored']);
    // The server, which has a clock, knows where the box stands: its advert is known.
    const advert = await phone.body.sees(box.deviceId);
    expect(advert).toBeDefined();
    expect((await phone.brain.resolveAdvert(advert ?? new Uint8Array())).status).toBe(200);
  });

  // OpenSSL asks the kernel for the time and not JavaScript: so it is the server whose clock is turned, the other way.
  test(`property 6: it is enrolled over TLS, ten years ${name}`, async () => {
    const server = await PrivateServer.start(Date.now() - wallMs);
    try {
      const code = await server.addTouchpoint('gate');
      const state = join(server.folder, 'state');
      const enrolled = await runProgram(
        'tapseal-beacon',
        ['enroll', '--server', server.url, '--state-dir', state, '--json'],
        { TAPSEAL_ENROLMENT_CODE: code },
      );
      expect(JSON.parse(enrolled.stdout)).toMatchObject({ event: 'enrolled', name: 'gate' });
    } finally {
      await server.close();
    }
  });
});
