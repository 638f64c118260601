/** How to provoke the codes of the server's other routes: shape of any request, adverts, receipts, enrolment, tokens, names. */
import { makeEnrolmentRequest } from '@tapseal/cert-server/testing/test-box';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { signRegistration } from '@tapseal/shared/registration';
import { crypto } from './bench-box.js';
import { type BenchServer, programme, withServer } from './bench-server.js';
import type { Scenarios } from './scenario.js';

const BODY_BYTES_TOO_MANY = 20_000;
const tokens = `${programme}/tokens`;

function flipLastBit(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}

async function makeToken(
  { server }: BenchServer,
  role: string,
): Promise<{ readonly id: string; readonly token: string }> {
  const { body } = await server.admin<{ id: string; token: string }>('POST', '/tokens', { role });
  return body;
}

/** A voucher that was granted to the phone of the bench. */
async function voucherOf({ phone, box }: BenchServer): Promise<Uint8Array> {
  const { body } = await phone.tap(box, 'coffee');
  return Uint8Array.from(Buffer.from(body.voucher, 'base64url'));
}

export const serverRouteScenarios = {
  // Shape.
  body_invalid: withServer((bench) =>
    bench.provoke({ path: `${programme}/redemptions`, body: { request: 7 } }),
  ),
  body_too_long: withServer((bench) =>
    bench.provoke({ path: `${programme}/redemptions`, body: { request: 'A'.repeat(BODY_BYTES_TOO_MANY) } }),
  ),
  media_type_unsupported: withServer((bench) =>
    bench.provoke({ path: `${programme}/redemptions`, body: '<request/>', mediaType: 'text/xml' }),
  ),
  route_unknown: withServer((bench) => bench.provoke({ path: `${programme}/redemption`, body: {} })),
  programme_unknown: withServer((bench) => bench.provoke({ path: '/v1/programmes/nobody/nonces' })),

  // Phones.
  proof_invalid: withServer(async (bench) => {
    const { phone } = bench;
    const registration = flipLastBit(await signRegistration('venue', await phone.nonce(), phone.signer));
    return bench.provoke({
      path: `${programme}/phones`,
      body: { registration: bytesToBase64url(registration) },
    });
  }),
  advert_unknown: withServer((bench) =>
    bench.provoke({
      path: `${programme}/resolve`,
      body: { advert: bytesToBase64url(crypto.randomBytes(24)) },
    }),
  ),

  // Receipts.
  receipt_unknown: withServer(async (bench) => {
    const voucher = await voucherOf(bench);
    return bench.handIn(bench.box.receipt(voucher, 'actuated', { transactionId: crypto.randomBytes(16) }));
  }),
  receipt_signature_invalid: withServer(async (bench) =>
    bench.handIn(flipLastBit(bench.box.receipt(await voucherOf(bench)))),
  ),
  receipt_conflict: withServer(async (bench) => {
    const receipt = bench.box.receipt(await voucherOf(bench));
    await bench.server.call('POST', `${programme}/receipts`, { receipts: [bytesToBase64url(receipt)] });
    const forked = bench.box.receipt(await voucherOf(bench), 'actuated', { counter: 1 });
    // The alarm is all that changes: the box is marked as one whose chain has forked.
    const sighting = await bench.handIn(forked, ['box']);
    const { body } = await bench.server.admin<{ forked?: boolean }>('GET', '/touchpoints/lobby-1');
    if (body.forked !== true) throw new Error('no alarm');
    return sighting;
  }),

  // Enrolment.
  enrolment_code_invalid: withServer(async (bench) => {
    const { body } = await bench.server.admin<{ enrolmentCode: string }>('POST', '/touchpoints', {
      name: 'gate-7',
    });
    const { request } = await makeEnrolmentRequest(body.enrolmentCode);
    bench.pass(15 * 60_000);
    return bench.provoke({ path: '/v1/enrolments', body: request });
  }),
  enrolment_request_invalid: withServer(async (bench) => {
    const { body } = await bench.server.admin<{ enrolmentCode: string }>('POST', '/touchpoints', {
      name: 'gate-7',
    });
    const [one, other] = [
      await makeEnrolmentRequest(body.enrolmentCode),
      await makeEnrolmentRequest(body.enrolmentCode),
    ];
    const request = { ...one.request, binding: other.request.binding };
    return bench.provoke({ path: '/v1/enrolments', body: request });
  }),

  // Administration.
  voucher_unknown: withServer((bench) =>
    bench.provoke({
      method: 'GET',
      path: `${programme}/vouchers/${'0'.repeat(32)}`,
      token: bench.server.ownerToken,
    }),
  ),
  name_taken: withServer((bench) =>
    bench.provoke({
      path: `${programme}/touchpoints`,
      body: { name: 'lobby-1' },
      token: bench.server.ownerToken,
    }),
  ),
  version_conflict: withServer((bench) =>
    bench.provoke({
      method: 'PUT',
      path: `${programme}/offers/coffee`,
      body: { version: 3, touchpoints: ['lobby-1'], action: 'dispense', rules: {} },
      token: bench.server.ownerToken,
    }),
  ),
  shopper_unknown: withServer((bench) =>
    bench.provoke({
      method: 'PATCH',
      path: `${programme}/shoppers/nobody/labels`,
      body: { tier: 'gold' },
      token: bench.server.ownerToken,
    }),
  ),
  labels_full: withServer(async (bench) => {
    const labels = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`label-${at}`, 'yes']));
    await bench.server.admin('PATCH', '/touchpoints/lobby-1', { labels });
    return bench.provoke({
      method: 'PATCH',
      path: `${programme}/touchpoints/lobby-1`,
      body: { labels: { more: 'yes' } },
      token: bench.server.ownerToken,
    });
  }),
  hold_settled: withServer(async (bench) => {
    await bench.offer('held', { rules: { spend: { when: 'confirmed', holdS: 3_600 } } });
    const { body } = await bench.phone.tap(bench.box, 'held');
    const path = `${programme}/grants/${body.transactionId}/release`;
    await bench.send({ path, token: bench.server.ownerToken });
    return bench.provoke({ path, token: bench.server.ownerToken });
  }),
  state_conflict: withServer(async (bench) => {
    const { id } = await makeToken(bench, 'auditor');
    await bench.server.admin('DELETE', `/tokens/${id}`);
    return bench.provoke({ method: 'DELETE', path: `${tokens}/${id}`, token: bench.server.ownerToken });
  }),
  token_missing: withServer((bench) => bench.provoke({ method: 'GET', path: tokens })),
  token_invalid: withServer(async (bench) => {
    const { id, token } = await makeToken(bench, 'owner');
    await bench.server.admin('DELETE', `/tokens/${id}`);
    return bench.provoke({ method: 'GET', path: tokens, token });
  }),
  token_forbidden: withServer(async (bench) => {
    const { token } = await makeToken(bench, 'operator');
    return bench.provoke({ method: 'GET', path: tokens, token });
  }),
  token_unknown: withServer((bench) =>
    bench.provoke({
      method: 'DELETE',
      path: `${tokens}/${'0'.repeat(16)}`,
      token: bench.server.ownerToken,
    }),
  ),
} satisfies Partial<Scenarios<'server'>>;
