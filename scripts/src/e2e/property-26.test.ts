/** Property 26 with real processes: MTU 23, 100, 185 and 247, the same results. An air for each, with its own box and phone. */
import { join } from 'node:path';
import { draftEnrolment } from '@tapseal/beacon/enrol/enrolment-draft';
import { parseEnrolmentCode } from '@tapseal/shared/enrolment';
import { encodeFrames } from '@tapseal/shared/frame';
import { type RunningAir, startAir } from '@tapseal/virtual-radio/air-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, crypto, PROGRAMME } from './phone-brain.js';
import { seeded } from './seed.js';
import { type Box, type Phone, readReceipt, Venue } from './venue.js';

const { seed } = seeded('property 26', 20_261_126);

const mtus = [23, 100, 185, 247] as const;
/** Nine bytes each: the manifest needs fragments at MTU 247 too. */
const REVOKED_BOXES = 16;

type Scene = { readonly box: Box; readonly phone: Phone };

let venue: Venue;
const airs: RunningAir[] = [];
const scenes = new Map<number, Scene>();
let manifest: Uint8Array;

async function revokeBoxes(): Promise<void> {
  const path = `/v1/programmes/${PROGRAMME}/touchpoints`;
  for (let number = 1; number <= REVOKED_BOXES; number++) {
    const name = `broken-${number}`;
    const added = await venue.operator.post(path, { name });
    const code = parseEnrolmentCode(String(added.json.enrolmentCode));
    if (code === undefined) throw new Error(added.text);
    const { request } = await draftEnrolment(crypto, code);
    expect((await venue.operator.post('/v1/enrolments', request)).status).toBe(200);
    expect((await venue.operator.post(`${path}/${name}/revoke`, {})).status).toBe(200);
  }
  const { json } = await venue.operator.get(`/v1/programmes/${PROGRAMME}/manifest`);
  manifest = bytesOf(json.manifest);
}

beforeAll(async () => {
  venue = await Venue.open({ seed });
  await Promise.all(
    mtus.map(async (mtu) => {
      const air = await startAir({
        socketPath: join(venue.workbench.folder, `air-${mtu}.sock`),
        seed,
        connectionIntervalMs: 7.5,
        attMtuMax: mtu,
      });
      airs.push(air);
      venue.watch(air);
      const [box, phone] = await Promise.all([
        venue.addBox(`gate-${mtu}`, { start: { air } }),
        venue.addPhone(`phone-${mtu}`, air),
      ]);
      scenes.set(mtu, { box, phone });
    }),
  );
  await venue.addOffer([...scenes.values()].map(({ box }) => box));
  await revokeBoxes();
});

afterAll(async () => {
  await venue?.close();
  await Promise.all(airs.map((air) => air.close()));
});

/** Everything that a phone and a box say to one another. @returns the results, none of which may depend on the MTU */
async function conversation(mtu: number): Promise<unknown[]> {
  const scene = scenes.get(mtu);
  if (scene === undefined) throw new Error(`no scene for ${mtu}`);
  const { box, phone } = scene;
  const link = await phone.body.connect(box.deviceId);
  expect(link.mtu).toBe(mtu);
  expect(encodeFrames({ type: 'manifest', body: manifest }, mtu).length).toBeGreaterThan(1);
  const results: unknown[] = [];

  results.push(await link.statusOf('challenge', new Uint8Array(18)));
  const granted = await venue.grant(phone.brain, link);
  results.push(granted.manifest);
  results.push(
    await link.statusOf(
      'manifest',
      manifest.map((byte, at) => (at === 150 ? byte ^ 1 : byte)),
    ),
  );
  results.push(await link.statusOf('manifest', granted.manifest ?? new Uint8Array(1)));
  results.push(await link.statusOf('manifest', manifest));
  results.push(
    await link.statusOf(
      'voucher',
      granted.voucher.map((byte, at) => (at === 50 ? byte ^ 1 : byte)),
    ),
  );
  const receipt = await link.receipt(granted.voucher);
  results.push({ ...readReceipt(receipt), touchpointId: 0, transactionId: 0, voucherHash: 0 });
  results.push(await link.statusOf('voucher', granted.voucher));
  await link.close();
  results.push(await phone.brain.postReceipts(receipt));

  const second = await phone.body.connect(box.deviceId);
  const next = await venue.grant(phone.brain, second);
  results.push(next.manifest);
  results.push(readReceipt(await second.receipt(next.voucher)).counter);
  // Hello and receipt are one packet each wherever today's phones are.
  const packets = second.packetsOf.slice(0, 2);
  if (mtu >= 185) expect(packets).toEqual([1, 1]);
  else expect(Math.min(...packets)).toBeGreaterThan(1);
  await second.close();

  const stranger = await phone.body.connect(box.deviceId);
  await stranger.hello((await phone.brain.question()).challenge);
  const other = [...scenes.values()].find((candidate) => candidate.box !== box);
  const away = await other?.phone.body.connect(other.box.deviceId);
  if (other === undefined || away === undefined) throw new Error('no other box');
  const forOther = await venue.grant(other.phone.brain, away);
  await away.close();
  results.push(await stranger.statusOf('voucher', forOther.voucher));
  await stranger.close();
  results.push(box.actuations().length);
  return results;
}

test('property 26: MTU 23, 100, 185 and 247: the same results', async () => {
  const results = new Map<number, unknown[]>();
  for (const mtu of mtus) results.set(mtu, await conversation(mtu));
  const expected = [
    'version_unsupported',
    manifest,
    'manifest_signature_invalid',
    'manifest_installed',
    'manifest_older',
    'voucher_signature_invalid',
    {
      touchpointId: 0,
      transactionId: 0,
      voucherHash: 0,
      outcome: 'actuated',
      counter: 1,
      previousHash: new Uint8Array(32),
    },
    'voucher_used',
    ['stored'],
    undefined,
    2,
    'voucher_wrong_touchpoint',
    2,
  ];
  for (const mtu of mtus) expect(results.get(mtu), `MTU ${mtu}`).toEqual(expected);
});
