/**
 * How to provoke every code that a phone raises by itself. Here those of the SDK's core, with the world at its ports played;
 * what comes from its Node adapters is provoked in phone-process.ts.
 */
import type { Client } from '@tapseal/mobile-sdk/core/client';
import type { TapOutcome } from '@tapseal/mobile-sdk/core/events';
import { PhoneWorld } from '@tapseal/mobile-sdk/testing/phone-world';
import type { ScriptedBox } from '@tapseal/mobile-sdk/testing/scripted-box';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { phoneProcessScenarios } from './phone-process.js';
import { type Scenario, type Scenarios, type Sighting, told } from './scenario.js';

const SEED = 20_261_122;
const OFFER = 'free-coffee';
/** A first fragment that announces 65,535 bytes of voucher. */
const TOO_LONG = Uint8Array.of(0xc3, 0xff, 0xff, 0x00);
const LINKS_TRIED_MAX = 10;
const POST_DELIVERED_MS = 3_000;

type Stage = {
  readonly world: PhoneWorld;
  readonly box: ScriptedBox;
  readonly client: Client;
  /** As a shopper: waits until the tap is ready, approves, and sees it to its end. */
  approve(offer?: string): Promise<TapOutcome>;
};

/** What a phone keeps, and what it got a box to do. */
function snapshot({ world, box }: Stage): unknown {
  return { outbox: [...world.outbox.entries], actuations: [...box.actuations] };
}

function seen(stage: Stage, before: unknown, outcome: TapOutcome | Error): Sighting {
  if (outcome instanceof Error) {
    if (!isTapsealError(outcome)) throw outcome;
    const { code, message, advice } = outcome;
    return { code, title: message, advice, before, after: snapshot(stage) };
  }
  if (outcome.type !== 'failed') throw new Error(`the tap ended as ${outcome.type}`);
  return { code: outcome.code, ...told(outcome), before, after: snapshot(stage) };
}

const withPhone =
  (play: (stage: Stage) => Promise<TapOutcome | Error>): Scenario =>
  async () => {
    const world = new PhoneWorld(SEED);
    const box = world.addBox('lobby-1');
    const client = world.client();
    const stage: Stage = {
      world,
      box,
      client,
      approve: async (offer = OFFER) => {
        await world.settle(client.start());
        await world.until('ready');
        return world.settle(client.approve(offer));
      },
    };
    const before = snapshot(stage);
    try {
      const outcome = await play(stage);
      // Receipts are post for the server, whoever's they are: they are handed in, and nothing stays behind.
      await world.clock.pass(POST_DELIVERED_MS);
      return seen(stage, before, outcome);
    } finally {
      await world.settle(client.stop());
    }
  };

function flipLastBit(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}

/** Protected headers begin with a2 01 27: two entries, of which `alg` is -8 for EdDSA. 26 is -7, for ES256. */
function claimEs256(bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex((byte, i) => byte === 0xa2 && bytes[i + 1] === 0x01 && bytes[i + 2] === 0x27);
  return bytes.map((byte, i) => (i === at + 2 ? 0x26 : byte));
}

const coreScenarios = {
  message_malformed: withPhone(({ world, approve }) => {
    world.server.tamper = (bytes) => bytes.slice(0, -1);
    return approve();
  }),
  message_too_long: withPhone(async ({ world, box, client }) => {
    const connect = box.connect.bind(box);
    box.connect = (listener) => {
      const connecting = connect(listener);
      connecting.link.then(() => world.clock.later(1, () => listener.onPacket(TOO_LONG)));
      return connecting;
    };
    await world.settle(client.start());
    return world.until('failed');
  }),
  suite_unsupported: withPhone(({ world, approve }) => {
    world.server.tamper = claimEs256;
    return approve();
  }),
  internal_error: withPhone(({ world, approve }) => {
    world.outbox.put = () => Promise.reject(new Error('no space left on device'));
    return approve();
  }),
  message_unexpected: withPhone(async ({ world, box, client }) => {
    box.nextStatus = 'manifest_installed';
    await world.settle(client.start());
    return world.until('failed');
  }),
  voucher_signature_invalid: withPhone(({ world, approve }) => {
    world.server.tamper = flipLastBit;
    return approve();
  }),
  voucher_wrong_touchpoint: withPhone(({ world, approve }) => {
    world.server.voucherEdit = (voucher) => ({ ...voucher, touchpointId: new Uint8Array(8) });
    return approve();
  }),
  offer_unknown: withPhone(({ approve }) => approve('no-such-offer')),
  link_lost: withPhone(async ({ world, box, client }) => {
    for (let i = 0; i < LINKS_TRIED_MAX; i++) box.drops.push('challenge');
    await world.settle(client.start());
    return world.until('failed');
  }),
  network_unavailable: withPhone(({ world, client }) => {
    world.server.faults.push({ route: 'nonces', fault: 'request' });
    return world.settle(client.start()).then(
      () => new Error('started without a network'),
      (error: Error) => error,
    );
  }),
  server_answer_invalid: withPhone(({ world, approve }) => {
    world.server.voucherEdit = (voucher) => ({ ...voucher, requestHash: new Uint8Array(16) });
    return approve();
  }),
  timed_out: withPhone(({ world, box, approve }) => {
    // A box that answers the voucher with the receipt of somebody else, and nothing more.
    box.judge = () => box.receiptOf(world.crypto.randomBytes(16), world.crypto.randomBytes(32));
    return approve();
  }),
  cancelled: withPhone(async ({ world, client }) => {
    await world.settle(client.start());
    await world.until('ready');
    client.cancel();
    return world.until('failed');
  }),
  actuation_failed: withPhone(({ world, box, approve }) => {
    box.outcome = 'failed';
    // Its actuator was asked, and did nothing.
    box.judge = (bytes) =>
      box.receiptOf(decodeVoucher(bytes).voucher.transactionId, world.crypto.sha256(bytes));
    return approve();
  }),
} satisfies Partial<Scenarios<'phone'>>;

export const phoneScenarios: Scenarios<'phone'> = { ...coreScenarios, ...phoneProcessScenarios };
