import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import type { ReceiptsAnswer } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TouchpointView, VoucherView } from '../http/admin-schemas.js';
import { TestBox } from '../testing/test-box.js';
import { bytesOfText, TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import { acceptReceipts } from './accept-receipts.js';

let server: TestServer;
let phone: TestPhone;
let boxes = 0;

beforeAll(async () => {
  server = await startTestServer();
  phone = await TestPhone.register(server);
});
afterAll(() => server.close());

async function newBox(): Promise<TestBox> {
  boxes += 1;
  const box = await TestBox.enrol(server, `box-${boxes}`);
  const offer = { id: box.name, touchpoints: [box.name], action: 'open', rules: {} };
  await server.admin('POST', '/offers', offer);
  return box;
}

async function voucherFor(box: TestBox): Promise<Uint8Array> {
  return bytesOfText((await phone.tap(box, box.name)).body.voucher);
}

async function post(...receipts: Uint8Array[]): Promise<ReceiptsAnswer['results']> {
  const body = { receipts: receipts.map(bytesToBase64url) };
  const answer = await server.call<ReceiptsAnswer>('POST', '/v1/programmes/venue/receipts', body);
  expect(answer.status).toBe(200);
  return answer.body.results;
}

test('a receipt is stored once; again, it is known; and it shows at its voucher', async () => {
  const box = await newBox();
  const voucher = await voucherFor(box);
  const receipt = box.receipt(voucher, 'failed');
  expect(await post(receipt, receipt)).toEqual([{ stored: true }, { stored: true }]);
  const id = bytesToHex(decodeVoucher(voucher).voucher.transactionId);
  const view = await server.admin<VoucherView>('GET', `/vouchers/${id}`);
  expect(view.body).toMatchObject({
    voucher: bytesToBase64url(voucher),
    receipt: { outcome: 'failed', counter: 1 },
    touchpoint: box.name,
  });
});

test('the next voucher tells the box which receipts have arrived, and holding some back shows', async () => {
  const box = await newBox();
  const receipts = [];
  for (let i = 0; i < 3; i++) receipts.push(box.receipt(await voucherFor(box)));
  const [one, two, three] = receipts;
  if (one === undefined || two === undefined || three === undefined) throw new Error('three receipts');
  await post(three, one);
  expect(decodeVoucher(await voucherFor(box)).voucher.receiptsThrough).toBe(1);
  const view = await server.admin<TouchpointView>('GET', `/touchpoints/${box.name}`);
  expect(view.body).toMatchObject({ receiptsThrough: 1, receiptsHighest: 3, forked: false });
  await post(two);
  expect(decodeVoucher(await voucherFor(box)).voucher.receiptsThrough).toBe(3);
});

test('property 9: what no box signed for this voucher is refused, and holds the others up in nothing', async () => {
  const [box, other] = [await newBox(), await newBox()];
  const [voucher, ofOther] = [await voucherFor(box), await voucherFor(other)];
  const good = box.receipt(voucher);
  const tampered = Uint8Array.from(good);
  tampered[good.length - 1] = (tampered[good.length - 1] ?? 0) ^ 1;
  const results = await post(
    tampered,
    box.receipt(voucher, 'actuated', { voucherHash: crypto.sha256(ofOther) }),
    box.receipt(voucher, 'actuated', { transactionId: crypto.randomBytes(16) }),
    box.receipt(ofOther),
    box.receipt(voucher, 'actuated', { touchpointId: crypto.randomBytes(8) }),
    box.receipt(voucher, 'actuated', { touchpointId: other.id }),
    voucher,
    good,
  );
  expect(results.map(({ code }) => code)).toEqual([
    'receipt_signature_invalid',
    'receipt_unknown',
    'receipt_unknown',
    'receipt_unknown',
    'touchpoint_unknown',
    'receipt_signature_invalid',
    'message_malformed',
    undefined,
  ]);
});

test('property 20: a copied box forks the chain, and raises an alarm in log, metrics and view', async () => {
  const box = await newBox();
  const [first, second] = [await voucherFor(box), await voucherFor(box)];
  const copy = new TestBox(server, box.name, box.id, {
    signer: box.signer,
    advertPrivateKey: crypto.randomBytes(32),
  });
  expect(await post(box.receipt(first))).toEqual([{ stored: true }]);
  expect(await post(copy.receipt(second))).toEqual([{ stored: false, code: 'receipt_conflict' }]);
  const view = await server.admin<TouchpointView>('GET', `/touchpoints/${box.name}`);
  expect(view.body.forked).toBe(true);
  expect(server.logLines.some((line) => line.includes('forked') && line.includes(bytesToHex(box.id)))).toBe(
    true,
  );
  const metrics = await server.app.inject('/metrics');
  expect(metrics.body).toMatch(/tapseal_receipt_forks_total 1\n/);
});

test('a box that was revoked since still hands in what it did before', async () => {
  const box = await newBox();
  const receipt = box.receipt(await voucherFor(box));
  await server.admin('POST', `/touchpoints/${box.name}/revoke`, {});
  expect(await post(receipt)).toEqual([{ stored: true }]);
});

test('a store that is too busy is no verdict on a receipt: the phone keeps it and sends it again', async () => {
  const box = await newBox();
  const receipt = box.receipt(await voucherFor(box));
  const { context } = server;
  const busy = new TapsealError('server_busy', 'database');
  const store = { ...context.store, findBox: () => Promise.reject(busy) };
  await expect(acceptReceipts({ ...context, store }, 'venue', [receipt])).rejects.toBe(busy);
  expect(await post(receipt)).toEqual([{ stored: true }]);
});
