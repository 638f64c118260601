/** Property 25 with real processes: whatever a phone does or does not do on the one link, the touchpoint serves the next. */
import { fileURLToPath } from 'node:url';
import { encodeFrames } from '@tapseal/shared/frame';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonLine } from '../fleet/json-lines-process.js';
import type { RawLink } from './raw-phone.js';
import { seeded } from './seed.js';
import { type Box, type Phone, Venue } from './venue.js';

const { seed } = seeded('property 25', 20_261_125);

/** Short to wait for, long for an honest tap on a busy machine. */
const HOLD_MS = 3_000;
const STEP_MS = 4_000;
/** An event is logged a little after the moment from which the box counts. */
const LOGGED_LATER_MS = 250;

let venue: Venue;
let gate: Box;
let badPhone: Phone;
let nextPhone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  const skewedClock = fileURLToPath(new URL('../../dist/e2e/skewed-clock.cjs', import.meta.url));
  const start = { preloads: [skewedClock], env: { TAPSEAL_TEST_MONOTONIC_STEP_MS: String(STEP_MS) } };
  [gate, badPhone, nextPhone] = await Promise.all([
    venue.addBox('gate', { holdMs: HOLD_MS, start }),
    venue.addPhone('bad-phone'),
    venue.addPhone('next-phone'),
  ]);
  await venue.addOffer([gate]);
});

afterAll(() => venue?.close());

/** The next time that the box drops a link. Asked for before the cause. */
function nextDrop(): Promise<JsonLine> {
  return gate.process.next((line) => line.event === 'link_dropped', 'dropped link');
}

function openedAt(link: unknown): number {
  return Number(gate.events('link_opened').find((line) => line.link === link)?.atMs);
}

/** The one who waited taps while the bad phone is still about. */
async function expectNextIsServed(): Promise<void> {
  const before = gate.actuations().length;
  await venue.tap(nextPhone, gate);
  expect(gate.actuations()).toHaveLength(before + 1);
}

/** Goes on until the box has ended the link. */
async function untilDropped(link: RawLink, act: () => Promise<void>): Promise<void> {
  let isDropped = false;
  link.closed.then(() => {
    isDropped = true;
  });
  while (!isDropped) {
    try {
      await act();
    } catch (error) {
      await link.closed;
      if (!isDropped) throw error;
    }
  }
}

describe('property 25: a phone that does not get on with the tap is dropped in time, and the touchpoint serves the next', () => {
  test('property 25: one that connects and does nothing', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    const served = expectNextIsServed();
    const dropped = await drop;
    expect(dropped.reason).toBe('silent');
    // Never earlier than the protocol gives it.
    expect(Number(dropped.atMs) - openedAt(dropped.link)).toBeGreaterThanOrEqual(5_000 - LOGGED_LATER_MS);
    await link.closed;
    await served;
  });

  test('property 25: one that writes slowly, byte by byte', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    // Always a byte before 5 s of silence have passed, on the clock of the box.
    await untilDropped(link, async () => {
      for (const packet of [
        Uint8Array.of(0xc5, 0x20, 0x00, 0x84),
        ...Array<Uint8Array>(50).fill(Uint8Array.of(0x45, 0)),
      ]) {
        await link.packet(packet);
        const moved = gate.process.next((line) => line.event === 'clock_moved', 'move of the clock');
        gate.process.kill('SIGUSR2');
        await moved;
      }
    });
    expect((await drop).reason).toBe('slow');
    await expectNextIsServed();
  });

  test('property 25: one that sends fragments without end', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    const packets = encodeFrames({ type: 'manifest', body: new Uint8Array(8_192) }, link.mtu).slice(0, -1);
    await untilDropped(link, async () => {
      for (const packet of packets) await link.packet(packet);
    });
    expect(['silent', 'slow']).toContain((await drop).reason);
    await expectNextIsServed();
  });

  test('property 25: one that holds on after its hello for longer than the configured time', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    await link.hello((await badPhone.brain.question()).challenge);
    const greetedAtMs = Number(gate.events('hello').at(-1)?.atMs);
    const dropped = await drop;
    expect(dropped.reason).toBe('held');
    expect(Number(dropped.atMs) - greetedAtMs).toBeGreaterThanOrEqual(HOLD_MS - LOGGED_LATER_MS);
    await link.closed;
    await expectNextIsServed();
  });

  test('property 25: one that holds on by asking for one thing after another', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    const granted = await venue.grant(badPhone.brain, link);
    const altered = granted.voucher.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
    await untilDropped(link, () => link.send('voucher', altered));
    expect((await drop).reason).toBe('held');
    await expectNextIsServed();
    expect(gate.actuations()).not.toContain(Buffer.from(granted.question.transactionId).toString('hex'));
  });

  test('property 25: one that asks for hellos without end', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId);
    const { challenge } = await badPhone.brain.question();
    const before = gate.events('hello').length;
    await untilDropped(link, () => link.send('challenge', challenge));
    expect((await drop).reason).toBe('too many hellos');
    expect(gate.events('hello')).toHaveLength(before + 3);
    await expectNextIsServed();
  });

  test('property 25: fifteen hellos on five links, the most that the box keeps beside it, do not displace the tap of another', async () => {
    const link = await nextPhone.body.connect(gate.deviceId);
    const granted = await venue.grant(nextPhone.brain, link);
    await link.close();
    for (let links = 0; links < 5; links++) {
      const greedy = await badPhone.body.connect(gate.deviceId);
      for (let hellos = 0; hellos < 3; hellos++)
        await greedy.hello((await badPhone.brain.question()).challenge);
      await greedy.close();
    }
    const again = await nextPhone.body.connect(gate.deviceId);
    await again.receipt(granted.voucher);
    await again.close();
  });

  test('property 25: one that never subscribes', async () => {
    const drop = nextDrop();
    const link = await badPhone.body.connect(gate.deviceId, { deaf: true });
    const { challenge } = await badPhone.brain.question();
    await link.send('challenge', challenge, false);
    expect((await drop).reason).toBe('not subscribed');
    await link.closed;
    await expectNextIsServed();
  });

  test('property 25: one that vanishes in the middle of a message', async () => {
    const link = await badPhone.body.connect(gate.deviceId);
    const closed = gate.process.next((line) => line.event === 'link_closed', 'end of the link');
    await link.packet(Uint8Array.of(0xc5, 0x20, 0x00, 0x84));
    venue.workbench.air.powerOff('bad-phone');
    await closed;
    await expectNextIsServed();
  });
});
