/**
 * A tap through the real Linux Bluetooth stack: unmodified bleno and noble, AF_BLUETOOTH sockets, a GPIO line under the kernel's
 * driver. One boot serves all the tests of this file.
 */
import { rmSync } from 'node:fs';
import { runInVm } from '@tapseal/vm/run-in-vm';
import { vmRequirements } from '@tapseal/vm/vm-requirements';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { prepareDesk } from './vm-tap-desk.js';

type GuestEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** About 100 s on two processors where nothing else runs; twice that beside other tests. */
const VM_MS_MAX = 900_000;

const requirements = vmRequirements();
// On the build machine a missing requirement has to fail, not to be passed over.
const skip = !requirements.ok && process.env.CI === undefined;
const enable = requirements.ok ? '' : ` (to enable: ${requirements.enable})`;

/** A zone where no week begins within six hours, so that both taps are in the same one. */
function zoneAmidstTheDay(): string {
  const hour = new Date().getUTCHours();
  return hour >= 6 && hour < 18 ? 'UTC' : 'Pacific/Wake'; // twelve hours ahead, all year
}

describe.skipIf(skip)(`a tap through the real Linux Bluetooth stack${enable}`, () => {
  const timeZone = zoneAmidstTheDay();
  const lines: string[] = [];
  let events: GuestEvent[] = [];
  let exitCode: number;

  beforeAll(async () => {
    const desk = await prepareDesk(timeZone);
    try {
      const guest = 'scripts/dist/e2e/vm-tap-guest.js';
      const run = await runInVm({
        command: ['node', guest, desk.folder, desk.server],
        timeoutMs: VM_MS_MAX,
        onLine: (line) => lines.push(line),
      });
      exitCode = run.exitCode;
    } catch (error) {
      console.error(lines.join('\n'));
      throw error;
    } finally {
      rmSync(desk.folder, { recursive: true, force: true });
    }
    events = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as GuestEvent);
  }, VM_MS_MAX + 120_000);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(lines.splice(0).join('\n'));
  });

  function named(event: string): GuestEvent[] {
    return events.filter((candidate) => candidate.event === event);
  }

  /** What happened between the two events of the tap, 0 or 1. */
  function duringTap(index: number): GuestEvent[] {
    const [begin, end] = ['tapping', 'tapped'].map((event) => {
      const one = named(event)[index];
      if (one === undefined) throw new Error(`there was no ${event} ${index}`);
      return events.indexOf(one);
    });
    return events.slice(begin, end);
  }

  /** The levels that the gate's line was driven to. */
  function levels(among: readonly GuestEvent[]): unknown[] {
    return among
      .filter(({ event }) => event === 'line')
      .map(({ driven, value }) => (driven ? value : 'released'));
  }

  test('an adapter that cannot be used is named, by code and by exit code', () => {
    expect(
      named('fault').map(({ channel, adapter, code, exitCode: exit }) => [channel, adapter, code, exit]),
    ).toEqual([
      ['raw', 'missing', 'adapter_missing', 6],
      ['user', 'missing', 'adapter_missing', 6],
      ['raw', 'forbidden', 'adapter_forbidden', 9],
      ['user', 'forbidden', 'adapter_forbidden', 9],
      ['user', 'up', 'adapter_busy', 8],
      ['raw', 'down', 'adapter_down', 7],
      ['user', 'blocked', 'adapter_down', 7],
    ]);
  });

  test('the first tap is delivered, and the gate opens once', () => {
    const [tapped] = named('tapped');
    expect(tapped).toMatchObject({ exitCode: 0, ends: [{ type: 'delivered', confirmed: true }] });
    expect(levels(duringTap(0)).filter((level) => level === 1)).toHaveLength(1);
    expect(levels(duringTap(0)).at(-1)).toBe(0);
  });

  test('the second tap of the week is refused until Monday, and the gate does not move', () => {
    const [, tapped] = named('tapped');
    expect(tapped).toMatchObject({
      exitCode: 3,
      ends: [{ type: 'refused', refusal: { code: 'limit_reached', used: 1, maximum: 1 } }],
    });
    const [end] = (tapped?.ends ?? []) as readonly [{ refusal: { resetsAt: string } }];
    const resetsAt = new Date(end.refusal.resetsAt);
    const days = (resetsAt.getTime() - Date.now()) / 86_400_000;
    expect(days > 0 && days < 7, end.refusal.resetsAt).toBe(true);
    const local = new Intl.DateTimeFormat('en', {
      timeZone,
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const parts = new Map(local.formatToParts(resetsAt).map(({ type, value }) => [type, value]));
    expect(['weekday', 'hour', 'minute'].map((type) => parts.get(type as 'hour'))).toEqual([
      'Monday',
      '00',
      '00',
    ]);
    expect(levels(duringTap(1))).toEqual([]);
  });

  test('in the whole run the line rose once and is at rest in the end', () => {
    // The first one is the rest of the first start.
    expect(levels(events)).toEqual([0, 1, 0]);
  });

  test('the server has the grant with the receipt of the box, and the refusal', () => {
    const [listed] = named('listed');
    expect(listed?.decisions).toMatchObject({
      grants: [
        { granted: false, code: 'limit_reached' },
        { granted: true, receipt: { outcome: 'actuated', counter: 1 } },
      ],
    });
  });

  test('a box whose adapter is pulled out notices it, and ends for systemd to start it again', () => {
    expect(named('lost')).toMatchObject([{ exitCode: 6, code: 'adapter_missing' }]);
  });

  test('beacon, server and guest ended well', () => {
    expect(named('stopped').map(({ program, exitCode: exit }) => [program, exit])).toEqual([
      ['tapseal-beacon', 0],
      ['tapseal', 0],
    ]);
    expect(named('failed')).toEqual([]);
    expect(exitCode).toBe(0);
  });
});
