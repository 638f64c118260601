/** How to provoke every code of the touchpoint. Here those that a phone can see: a status on the link of a real box. */
import { encodeChallenge } from '@tapseal/shared/challenge';
import { BenchBox, crypto } from './bench-box.js';
import type { Scenario, Scenarios, Sighting } from './scenario.js';
import { boxProcessScenarios } from './touchpoint-process.js';

const FIRST_FRAME = 0x80;
const VOUCHER_FRAME = FIRST_FRAME | 0x03;
const BOX_NONCE_ENDED_MS = 60_001;
/** Of low order: no secret can be agreed on with it, so that sealing to it fails (RFC 7748 §6.1). */
const LOW_ORDER_KEY = new Uint8Array(32);

const withBox =
  (play: (box: BenchBox) => Promise<Sighting>): Scenario =>
  async () => {
    const box = await BenchBox.start();
    try {
      return await play(box);
    } finally {
      box.remove();
    }
  };

const challenge = (box: BenchBox) =>
  box.write({ type: 'challenge', body: encodeChallenge(crypto.randomBytes(16)) });

/** Writes a body in one packet of type voucher, whatever it is. */
const writeRaw = (box: BenchBox, body: Uint8Array) =>
  box.writePacket(Uint8Array.from([VOUCHER_FRAME, ...body]));

const linkScenarios = {
  message_malformed: withBox(async (box) => {
    const voucher = box.authority.voucher(await box.hello());
    return box.provoke(() => writeRaw(box, voucher.subarray(0, -1)));
  }),
  message_too_long: withBox(async (box) => {
    const voucher = box.authority.voucher(await box.hello());
    return box.provoke(() => writeRaw(box, Uint8Array.from([...voucher, ...crypto.randomBytes(64)])));
  }),
  version_unsupported: withBox(async (box) => {
    box.connect();
    const body = encodeChallenge(crypto.randomBytes(16));
    body[0] = 0;
    return box.provoke(() => box.write({ type: 'challenge', body }));
  }),
  suite_unsupported: withBox(async (box) => {
    box.connect();
    const body = encodeChallenge(crypto.randomBytes(16));
    body[1] = 2;
    return box.provoke(() => box.write({ type: 'challenge', body }));
  }),
  message_unexpected: withBox(async (box) => {
    box.connect();
    return box.provoke(() => box.write({ type: 'receipt', body: crypto.randomBytes(40) }));
  }),
  link_dropped: withBox(async (box) => {
    box.connect();
    const sighting = await box.provoke(() => box.beSilent());
    if (!box.isDropped) throw new Error('told, but not dropped');
    return sighting;
  }),
  internal_error: withBox(async (box) => {
    // The one thing that a box cannot foresee: its own root signs a manifest that no hello can be sealed to.
    box.connect();
    await box.write({
      type: 'manifest',
      body: box.authority.manifest({ version: 2, sealKey: LOW_ORDER_KEY }),
    });
    return box.provoke(() => challenge(box));
  }),
  touchpoint_revoked: withBox(async (box) => {
    const { touchpointId } = await box.hello();
    await box.write({
      type: 'manifest',
      body: box.authority.manifest({ version: 2, revokedTouchpoints: [touchpointId] }),
    });
    return box.provoke(() => challenge(box));
  }),
  voucher_signature_invalid: withBox(async (box) => {
    const stranger = crypto.signer('Ed25519', crypto.randomBytes(32));
    const body = box.authority.voucher(await box.hello(), {}, stranger);
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  voucher_wrong_touchpoint: withBox(async (box) => {
    const body = box.authority.voucher(await box.hello(), { touchpointId: crypto.randomBytes(8) });
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  voucher_nonce_unknown: withBox(async (box) => {
    const body = box.authority.voucher(await box.hello());
    box.pass(BOX_NONCE_ENDED_MS);
    box.connect();
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  voucher_used: withBox(async (box) => {
    const body = box.authority.voucher(await box.hello());
    await box.write({ type: 'voucher', body });
    if (box.actuations.length !== 1) throw new Error('the first voucher was not served');
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  voucher_action_forbidden: withBox(async (box) => {
    const body = box.authority.voucher(await box.hello(), { action: 'dispense' });
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  voucher_time_older: withBox(async (box) => {
    const serverTimeS = 1_900_000_000;
    await box.write({ type: 'voucher', body: box.authority.voucher(await box.hello(), { serverTimeS }) });
    const body = box.authority.voucher(await box.hello(), { serverTimeS: serverTimeS - 3_600 });
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
  actuation_failed: withBox(async (box) => {
    box.actuatorWorks = false;
    const body = box.authority.voucher(await box.hello());
    const { before, after, ...sighting } = await box.provoke(() => box.write({ type: 'voucher', body }));
    // No bad input: the voucher is good and used up, and the receipt says that the actuator failed. It is not tried again.
    if (JSON.stringify(before) === JSON.stringify(after)) throw new Error('nothing was recorded');
    const again = await box.provoke(() => box.write({ type: 'voucher', body }));
    if (again.code !== 'voucher_used') throw new Error(`tried again: ${again.code}`);
    return { ...sighting, before: again.before, after: again.after };
  }),
  manifest_older: withBox(async (box) => {
    box.connect();
    return box.provoke(() => box.write({ type: 'manifest', body: box.authority.manifest({ version: 1 }) }));
  }),
  manifest_signature_invalid: withBox(async (box) => {
    const body = box.authority.manifest({ version: 2 });
    body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
    box.connect();
    return box.provoke(() => box.write({ type: 'manifest', body }));
  }),
  manifest_wrong_programme: withBox(async (box) => {
    // Newer, and signed by the box's own root, which is that of every programme of its server.
    const body = box.authority.manifest({ version: 2, programme: 'another' });
    box.connect();
    return box.provoke(() => box.write({ type: 'manifest', body }));
  }),
  storage_failed: withBox(async (box) => {
    const body = box.authority.voucher(await box.hello());
    box.disk.isFull = true;
    return box.provoke(() => box.write({ type: 'voucher', body }));
  }),
} satisfies Partial<Scenarios<'touchpoint'>>;

export const touchpointScenarios: Scenarios<'touchpoint'> = { ...linkScenarios, ...boxProcessScenarios };
