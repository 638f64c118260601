/** For tests only: a programme that has something in every table, by what its people do, and questions that tell whether a copy works. */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import type { Problem, ReceiptsAnswer, RedeemAnswer } from '@tapseal/shared/http-api';
import { hashedOffer } from '../decision/offer-hash.js';
import type { OfferRules } from '../decision/offer-rules.js';
import { buildApp } from '../http/build-app.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import type { Store } from '../store/store-port.js';
import { TestBox } from './test-box.js';
import { testOffer } from './test-offer.js';
import { bytesOfText, TestPhone } from './test-phone.js';
import { crypto, startTestServer, type TestServer } from './test-server.js';

/** Each is full when the venue is filled: one grant was given, or is held. */
const offers: Readonly<Record<string, OfferRules>> = {
  total: { limits: [{ maximum: 1 }] },
  weekly: { limits: [{ maximum: 1, period: { unit: 'week' } }] },
  rolling: { limits: [{ maximum: 1, period: { rollingS: 3_600 } }] },
  held: { limits: [{ maximum: 1 }], spend: { when: 'confirmed', holdS: 86_400 } },
  'held-rolling': {
    limits: [{ maximum: 1, period: { rollingS: 3_600 } }],
    spend: { when: 'confirmed', holdS: 86_400 },
  },
};

export type FilledVenue = {
  readonly server: TestServer;
  readonly box: TestBox;
  /** Has one grant of each offer. */
  readonly first: TestPhone;
  readonly second: TestPhone;
  /** The request that the grant of an offer answered, and the answer. */
  readonly granted: ReadonlyMap<string, { readonly request: Uint8Array; readonly answer: RedeemAnswer }>;
};

const audit = (atMs: number, object: string) => ({ atMs, token: 'test', act: 'fill', object });

async function addOffer(server: TestServer, id: string, rules: OfferRules): Promise<void> {
  const { store } = server.context;
  const offer = testOffer(rules, 'Europe/Berlin', { id });
  const outcome = await store.addOffer('venue', hashedOffer(crypto, offer), audit(server.nowMs, id));
  if (outcome !== 'added') throw new Error(`${id}: ${JSON.stringify(outcome)}`);
}

async function labelEverything(server: TestServer, phone: TestPhone): Promise<void> {
  const { store } = server.context;
  const entry = audit(server.nowMs, 'labels');
  await store.changeTouchpoint('venue', 'lobby-1', { labels: { merchant: 'café' }, timeZone: 'UTC' }, entry);
  await store.labelShopper('venue', phone.shopper, { tier: 'gold' }, entry);
}

export async function fillVenue(): Promise<FilledVenue> {
  const server = await startTestServer();
  const { store } = server.context;
  const box = await TestBox.enrol(server, 'lobby-1');
  const gone = await TestBox.enrol(server, 'lobby-2');
  await store.revokeTouchpoint(
    'venue',
    gone.name,
    'stolen “late”',
    manifestSigning(server.authority, server.nowMs),
    audit(server.nowMs, gone.name),
  );
  await server.admin('POST', '/touchpoints', { name: 'waiting', title: 'Tür\u2028"1"\\', place: '' });
  const token = await server.admin<{ token: string }>('POST', '/tokens', { role: 'app', label: 'the app' });
  const first = new TestPhone(server);
  await first.register('customer-1', token.body.token);
  const second = await TestPhone.register(server, 'P-256');
  const lost = await TestPhone.register(server);
  await store.revokePhone('venue', lost.id, undefined, audit(server.nowMs, 'phone'));
  await labelEverything(server, first);

  const granted = new Map<string, { request: Uint8Array; answer: RedeemAnswer }>();
  for (const [id, rules] of Object.entries(offers)) {
    await addOffer(server, id, rules);
    const request = await first.request(box, id);
    const { status, body } = await first.redeem(request);
    if (status !== 200) throw new Error(`${id}: ${JSON.stringify(body)}`);
    granted.set(id, { request, answer: body });
  }
  const refused = await second.redeem(await second.request(box, 'total'));
  if (refused.status !== 403) throw new Error('the limit of the fixture does not hold');
  const voucher = bytesOfText(granted.get('total')?.answer.voucher ?? '');
  await server.call('POST', '/v1/programmes/venue/receipts', {
    receipts: [bytesToBase64url(box.receipt(voucher))],
  });
  return { server, box, first, second, granted };
}

export type CopyAnswer = { readonly status: number; readonly body: RedeemAnswer & Problem };

/** Asks another store of the same programme as a server would: same keys, same clock. */
export async function askCopy<T>(
  venue: FilledVenue,
  store: Store,
  ask: (copy: {
    redeem(request: Uint8Array): Promise<CopyAnswer>;
    receipt(bytes: Uint8Array): Promise<ReceiptsAnswer>;
  }) => Promise<T>,
): Promise<T> {
  const { context } = venue.server;
  const app = await buildApp({ context: { ...context, store }, logger: venue.server.app.log });
  const post = async (path: string, payload: object) =>
    app.inject({ method: 'POST', url: `/v1/programmes/venue${path}`, payload });
  try {
    return await ask({
      redeem: async (request) => {
        const reply = await post('/redemptions', { request: bytesToBase64url(request) });
        return { status: reply.statusCode, body: reply.json() };
      },
      receipt: async (bytes) => (await post('/receipts', { receipts: [bytesToBase64url(bytes)] })).json(),
    });
  } finally {
    await app.close();
  }
}
