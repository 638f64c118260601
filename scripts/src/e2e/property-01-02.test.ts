/** Properties 1 and 2 with real processes: a voucher serves one box, once. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replyOf } from './raw-phone.js';
import { seeded } from './seed.js';
import { type Box, type Phone, readReceipt, transactionHex, Venue } from './venue.js';

const { seed } = seeded('properties 1, 2', 20_261_101);

let venue: Venue;
let gateA: Box;
let gateB: Box;
let phone: Phone;
let otherPhone: Phone;

beforeAll(async () => {
  venue = await Venue.open({ seed });
  [gateA, gateB, phone, otherPhone] = await Promise.all([
    venue.addBox('gate-a'),
    venue.addBox('gate-b'),
    venue.addPhone('phone'),
    venue.addPhone('other-phone'),
  ]);
  await venue.addOffer([gateA, gateB]);
});

afterAll(() => venue?.close());

describe('property 1: a voucher for touchpoint A is refused at B', () => {
  test('property 1: carried to B after a hello of B, and good at A afterwards', async () => {
    const atA = await phone.body.connect(gateA.deviceId);
    const granted = await venue.grant(phone.brain, atA);
    await atA.close();

    const atB = await phone.body.connect(gateB.deviceId);
    await atB.hello((await phone.brain.question()).challenge);
    expect(await atB.statusOf('voucher', granted.voucher)).toBe('voucher_wrong_touchpoint');
    await atB.close();
    expect(gateB.actuations()).toEqual([]);

    const again = await phone.body.connect(gateA.deviceId);
    expect(readReceipt(await again.receipt(granted.voucher)).outcome).toBe('actuated');
    await again.close();
    expect(gateA.actuations()).toEqual([transactionHex(granted)]);
  });

  test('property 1: a hello of A and a request at B makes a voucher for A', async () => {
    const served = gateB.actuations().length;
    const atA = await phone.body.connect(gateA.deviceId);
    const question = await phone.brain.question();
    const helloOfA = await atA.hello(question.challenge);
    await atA.close();
    const atB = await phone.body.connect(gateB.deviceId);
    await atB.hello(question.challenge);
    const { voucher } = await venue.redeemed(phone.brain, question, helloOfA);
    expect(await atB.statusOf('voucher', voucher)).toBe('voucher_wrong_touchpoint');
    await atB.close();
    expect(gateB.actuations()).toHaveLength(served);
  });
});

describe('property 2: the same voucher twice, also at once on two links: one actuation', () => {
  const actuationsOf = (id: string) => gateA.actuations().filter((line) => line === id);
  const eventsOf = (id: string) => gateA.events('actuated').filter((line) => line.transactionId === id);

  test('property 2: twice on one link, again on a second, and again by another phone', async () => {
    const link = await phone.body.connect(gateA.deviceId);
    const granted = await venue.grant(phone.brain, link);
    await link.receipt(granted.voucher);
    expect(await link.statusOf('voucher', granted.voucher)).toBe('voucher_used');
    await link.close();
    for (const { body, brain } of [phone, otherPhone]) {
      const second = await body.connect(gateA.deviceId);
      await second.hello((await brain.question()).challenge);
      expect(await second.statusOf('voucher', granted.voucher)).toBe('voucher_used');
      await second.close();
    }
    expect(actuationsOf(transactionHex(granted))).toHaveLength(1);
    expect(eventsOf(transactionHex(granted))).toHaveLength(1);
  });

  test('property 2: written many times at once, without waiting for an answer', async () => {
    const link = await phone.body.connect(gateA.deviceId);
    const granted = await venue.grant(phone.brain, link);
    const copies = 5;
    await Promise.all(Array.from({ length: copies }, () => link.send('voucher', granted.voucher, false)));
    const statuses: (string | undefined)[] = [];
    const receipts: string[] = [];
    while (statuses.length < copies - 1 || !receipts.includes(transactionHex(granted))) {
      const reply = replyOf(await link.next());
      if (reply.type === 'receipt') receipts.push(bytesToHex(readReceipt(reply.body).transactionId));
      else statuses.push(reply.status);
    }
    await link.close();
    expect(statuses).toEqual(Array.from({ length: copies - 1 }, () => 'voucher_used'));
    expect(receipts.filter((id) => id === transactionHex(granted))).toHaveLength(1);
    expect(actuationsOf(transactionHex(granted))).toHaveLength(1);
    expect(eventsOf(transactionHex(granted))).toHaveLength(1);
  });

  test('property 2: two phones race for the link with one voucher', async () => {
    const link = await phone.body.connect(gateA.deviceId);
    const granted = await venue.grant(phone.brain, link);
    await link.close();
    const answers = await Promise.all(
      [phone, otherPhone].map(async ({ body }) => {
        const racing = await body.connect(gateA.deviceId);
        const reply = await racing.ask('voucher', granted.voucher);
        await racing.close();
        return reply.status ?? reply.type;
      }),
    );
    expect(answers.sort()).toEqual(['receipt', 'voucher_used']);
    expect(actuationsOf(transactionHex(granted))).toHaveLength(1);
    expect(eventsOf(transactionHex(granted))).toHaveLength(1);
  });

  test('property 2: again after the box has restarted', async () => {
    const { granted } = await venue.tap(phone, gateA);
    await gateA.process.stop();
    await venue.restart(gateA);
    const link = await phone.body.connect(gateA.deviceId);
    await link.hello((await phone.brain.question()).challenge);
    expect(await link.statusOf('voucher', granted.voucher)).toBe('voucher_used');
    await link.close();
    expect(actuationsOf(transactionHex(granted))).toHaveLength(1);
  });
});
