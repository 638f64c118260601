/** The driver keeps the one order that matters: used is durable, then the actuator acts, then the receipt is durable, then told. */
import { encodeChallenge } from '@tapseal/shared/challenge';
import { encodeFrames } from '@tapseal/shared/frame';
import { describe, expect, test } from 'vitest';
import type { Report } from '../core/step.js';
import { Touchpoint } from '../core/touchpoint.js';
import { BoxStore, createStore, readStore } from '../store/box-store.js';
import { MemoryDisk } from '../testing/memory-disk.js';
import { seededCrypto } from '../testing/seeded-crypto.js';
import { PROGRAMME, TestAuthority } from '../testing/test-authority.js';
import { BoxDriver } from './box-driver.js';

async function drive(
  actuate: () => Promise<boolean>,
  onReport: (report: Report, driver: BoxDriver) => void = () => {},
) {
  const crypto = seededCrypto(905);
  const authority = await TestAuthority.make(crypto);
  const disk = new MemoryDisk();
  createStore(disk, { manifest: authority.manifest(), advertKey: new Uint8Array(32) });
  const store = new BoxStore(disk);
  const events: string[] = [];
  const faults: unknown[] = [];
  const packets: Uint8Array[] = [];
  const driver: BoxDriver = new BoxDriver({
    touchpoint: new Touchpoint(
      {
        crypto,
        signer: crypto.signer('Ed25519', crypto.randomBytes(32)),
        touchpointId: crypto.randomBytes(8),
        programme: PROGRAMME,
        rootKey: authority.root.publicKey,
        allows: () => true,
        holdMs: 15_000,
        state: store.state,
      },
      0,
    ),
    store: {
      persist: (records) => {
        events.push(`persist ${records.map((record) => record.kind).join(' ')}`);
        store.persist(records);
      },
      // Compaction writes the state anew: what the state lacks would be gone.
      compactIfLong: () => expect(store.state).toEqual(readStore(disk).state),
    },
    actuators: {
      actuate: (order) => {
        events.push(`actuate ${order.action}`);
        return actuate();
      },
    },
    radio: {
      advertise: () => events.push('advertise'),
      notify: (_link, packet) => {
        events.push(`notify ${(packet[0] ?? 0) & 0x3f}`);
        packets.push(packet);
      },
      drop: () => events.push('drop'),
    },
    nowMs: () => 0,
    onReport: (report) => onReport(report, driver),
    onFault: (error) => faults.push(error),
  });
  driver.feed({ kind: 'started' });
  driver.feed({ kind: 'linkOpened', link: 1 });
  driver.feed({ kind: 'mtuChanged', link: 1, mtu: 185 });
  driver.feed({ kind: 'subscribed', link: 1 });
  const write = (type: 'challenge' | 'voucher', body: Uint8Array): void => {
    for (const packet of encodeFrames({ type, body }, 185))
      driver.feed({ kind: 'packetReceived', link: 1, packet });
  };
  write('challenge', encodeChallenge(new Uint8Array(16)));
  write('voucher', authority.voucher(authority.openHello(packets[0]?.slice(1) ?? new Uint8Array())));
  return { driver, events, faults };
}

describe('a tap', () => {
  test('in its order', async () => {
    const { driver, events, faults } = await drive(() => Promise.resolve(true));
    await driver.idle();
    driver.stop();
    expect(events).toEqual([
      'persist epoch boot',
      'advertise',
      'notify 2',
      'persist used',
      'actuate open',
      'persist receipt',
      'notify 4',
    ]);
    expect(faults).toEqual([]);
  });

  test('is waited for before the box stops', async () => {
    let finish: (ok: boolean) => void = () => {};
    const { driver, events } = await drive(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const idle = driver.idle().then(() => events.push('idle'));
    finish(false);
    await idle;
    driver.stop();
    // The receipt, the status of the failed actuator, and only then rest.
    expect(events.slice(-4)).toEqual(['persist receipt', 'notify 4', 'notify 6', 'idle']);
  });
});

test('the journal is not compacted while a record of it is not in force', async () => {
  const { driver, events, faults } = await drive(
    () => Promise.resolve(true),
    (report, box) => {
      // The link ends at the worst moment: the receipt is written next, and its answer waits behind this.
      if (report.event === 'actuated') box.feed({ kind: 'linkClosed', link: 1 });
    },
  );
  await driver.idle();
  driver.stop();
  expect(events.slice(-2)).toEqual(['persist receipt', 'advertise']);
  expect(faults).toEqual([]);
});

test('a fault while a voucher is at work does not keep the box from ending', async () => {
  const { driver, events, faults } = await drive(
    () => Promise.resolve(true),
    (report) => {
      if (report.event === 'actuated') throw new Error('impossible');
    },
  );
  await driver.idle();
  expect(faults).toEqual([new Error('impossible')]);
  driver.feed({ kind: 'linkClosed', link: 1 });
  expect(events.at(-1)).toBe('actuate open');
});

test('a fault in the box itself ends it, instead of going on half done', async () => {
  const { driver, faults } = await drive(() => Promise.resolve(true));
  const broken = {
    get kind(): 'timerDue' {
      throw new Error('impossible');
    },
  };
  driver.feed(broken);
  driver.stop();
  expect(faults).toEqual([new Error('impossible')]);
});
