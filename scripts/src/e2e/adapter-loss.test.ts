/**
 * An adapter that is switched off, pulled out or falls mute, with real processes: the box never lives on unheard. It serves again,
 * or it ends with the fault and its exit code, so that systemd starts it anew.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawLink } from './raw-phone.js';
import { seeded } from './seed.js';
import { type Box, type Phone, Venue } from './venue.js';

const { seed } = seeded('adapter loss', 20_261_122);

/** As the systemd unit has it; there the library asks no more whether the adapter is up. */
const USER_CHANNEL = { HCI_CHANNEL_USER: '1' };
/** An idle box renews its advert after a minute. */
const WAIT_MS_MAX = 150_000;
/** Status of HCI. */
const COMMAND_DISALLOWED = 0x0c;

let venue: Venue;
let phone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed, refusesRepeatedAdvertising: true });
  phone = await venue.addPhone('phone');
});

afterAll(() => venue?.close());

async function expectEnded(box: Box): Promise<void> {
  expect(await box.process.ended).toBe(7);
  expect(box.events('error')).toMatchObject([{ code: 'adapter_down' }]);
}

/** Waits until the air has carried `count` different scan responses of the box. */
function scanResponses(box: Box, count: number): Promise<Set<string>> {
  const seen = new Set<string>();
  return new Promise((resolve) => {
    const stop = venue.workbench.air.observe((event) => {
      if (event.kind !== 'pdu' || event.pdu !== 'SCAN_RSP') return;
      if (event.from.replaceAll(':', '').toLowerCase() !== box.deviceId) return;
      seen.add(event.bytes.toString('hex'));
      if (seen.size < count) return;
      stop();
      resolve(seen);
    });
  });
}

async function linked(phone: Phone, box: Box): Promise<RawLink> {
  const opened = box.process.next((line) => line.event === 'link_opened', 'link');
  const link = await phone.body.connect(box.deviceId);
  await opened;
  return link;
}

describe.each([
  ['shared', {}],
  ['exclusive', USER_CHANNEL],
])('on a %s adapter', (channel, env) => {
  test('that is switched off and on during a link, the box ends, and its next start serves', async () => {
    const box = await venue.addBox(`off-${channel}`, { start: { env } });
    const link = await linked(phone, box);
    venue.workbench.air.powerOff(box.plan.name);
    venue.workbench.air.powerOn(box.plan.name);
    await expectEnded(box);
    await link.closed;
    await venue.restart(box, { env });
    const again = await phone.body.connect(box.deviceId);
    await again.hello((await phone.brain.question()).challenge);
    await again.close();
  });
});

/** At the same time, because each of them has to wait. */
describe('an adapter that falls mute, and one that does not', () => {
  test.concurrent(
    'without a link it is noticed when the advert is renewed',
    async () => {
      const box = await venue.addBox('mute-idle', { start: { env: USER_CHANNEL } });
      venue.workbench.air.hang(box.plan.name);
      await expectEnded(box);
    },
    WAIT_MS_MAX,
  );

  test.concurrent(
    'with a link it is noticed when the link is to end, and does not',
    async () => {
      const box = await venue.addBox('mute-link', { start: { env: USER_CHANNEL } });
      await linked(await venue.addPhone('silent-phone'), box);
      venue.workbench.air.hang(box.plan.name);
      await expectEnded(box);
      expect(box.events('link_dropped')).toMatchObject([{ reason: 'silent' }]);
    },
    WAIT_MS_MAX,
  );

  test.concurrent(
    'one that refuses to enable what is on carries each new advert, without a warning',
    async () => {
      const box = await venue.addBox('fresh', { start: { env: USER_CHANNEL } });
      const refused: number[] = [];
      venue.workbench.air.observe((event) => {
        if (event.kind === 'command-refused') refused.push(event.status);
      });
      const responses = await scanResponses(box, 2);
      expect(box.events('advertising')).toHaveLength(responses.size);
      expect(refused).toContain(COMMAND_DISALLOWED);
      expect(box.events('warning')).toEqual([]);
      expect(await box.process.stop()).toBe(0);
    },
    WAIT_MS_MAX,
  );
});
