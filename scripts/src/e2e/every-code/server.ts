/** How to provoke every code of the server. Here what a phone meets on its way through a redemption, step by step. */
import { buildApp } from '@tapseal/cert-server/http/build-app';
import { createLogger } from '@tapseal/cert-server/server/create-logger';
import { TestPhone } from '@tapseal/cert-server/testing/test-phone';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { crypto } from './bench-box.js';
import { type BenchServer, programme, redemption, withServer } from './bench-server.js';
import type { Scenario, Scenarios } from './scenario.js';
import { serverRouteScenarios } from './server-routes.js';

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
const NONCE_ENDED_MS = 120_001;

const stranger = () => crypto.signer('Ed25519', crypto.randomBytes(32));

/** A refusal by a rule of the offer `treat`. */
const refusing = (
  offer: Readonly<Record<string, unknown>>,
  prepare: (bench: BenchServer) => Promise<void> = async () => {},
  amountMinor = 0,
): Scenario =>
  withServer(async (bench) => {
    await bench.offer('treat', offer);
    await prepare(bench);
    return bench.refuse(await bench.phone.request(bench.box, 'treat', { amountMinor }));
  });

const redeemScenarios = {
  message_malformed: withServer(async (bench) => bench.redeem((await bench.request()).slice(0, -1))),
  message_too_long: withServer((bench) => bench.redeem(crypto.randomBytes(641))),
  suite_unsupported: withServer(async (bench) => {
    const p256 = crypto.signer('P-256', new Uint8Array(32).fill(7));
    return bench.redeem(await bench.request({}, p256));
  }),
  nonce_invalid: withServer(async (bench) =>
    bench.redeem(await bench.request({ serverNonce: crypto.randomBytes(40) })),
  ),
  nonce_expired: withServer(async (bench) => {
    const request = await bench.request();
    bench.pass(NONCE_ENDED_MS);
    return bench.redeem(request);
  }),
  phone_unknown: withServer(async (bench) => {
    const unregistered = new TestPhone(bench.server);
    return bench.redeem(await unregistered.request(bench.box, 'coffee'));
  }),
  phone_revoked: withServer(async (bench) => {
    const request = await bench.request();
    await bench.server.admin('POST', `/phones/${Buffer.from(bench.phone.id).toString('hex')}/revoke`);
    return bench.redeem(request);
  }),
  phone_certificate_invalid: withServer(async (bench) => {
    bench.pass(3 * YEAR_MS);
    return bench.redeem(await bench.request());
  }),
  phone_signature_invalid: withServer(async (bench) => bench.redeem(await bench.request({}, stranger()))),
  transaction_conflict: withServer(async (bench) => {
    const transactionId = crypto.randomBytes(16);
    await bench.redeemWell(await bench.request({ transactionId }));
    return bench.redeem(await bench.request({ transactionId }));
  }),
  seal_invalid: withServer(async (bench) =>
    bench.redeem(await bench.request({ sealedHello: crypto.randomBytes(181) })),
  ),
  touchpoint_unknown: withServer(async (bench) =>
    bench.redeem(await bench.requestWithHello('coffee', { touchpointId: crypto.randomBytes(8) })),
  ),
  touchpoint_revoked: withServer(async (bench) => {
    const request = await bench.request();
    await bench.server.admin('POST', '/touchpoints/lobby-1/revoke', {});
    return bench.redeem(request);
  }),
  touchpoint_certificate_invalid: withServer(async (bench) => {
    bench.pass(11 * YEAR_MS);
    // The phone is as new as it can be: only the box is too old.
    const phone = await TestPhone.register(bench.server);
    return bench.redeem(await phone.request(bench.box, 'coffee'));
  }),
  hello_signature_invalid: withServer(async (bench) =>
    bench.redeem(await bench.requestWithHello('coffee', {}, stranger())),
  ),
  challenge_mismatch: withServer(async (bench) =>
    bench.redeem(await bench.requestWithHello('coffee', { challenge: crypto.randomBytes(16) })),
  ),
  box_nonce_used: withServer(async (bench) => {
    const boxNonce = crypto.randomBytes(16);
    await bench.redeemWell(await bench.requestWithHello('coffee', { boxNonce }));
    return bench.redeem(await bench.requestWithHello('coffee', { boxNonce }));
  }),
  offer_unknown: withServer(async (bench) => bench.refuse(await bench.phone.request(bench.box, 'tea'))),
  offer_not_here: withServer(async (bench) => {
    await bench.server.admin('POST', '/touchpoints', { name: 'gate-7' });
    await bench.offer('treat', { touchpoints: ['gate-7'] });
    return bench.refuse(await bench.phone.request(bench.box, 'treat'));
  }),
  offer_paused: refusing({}, async (bench) => {
    await bench.server.admin('POST', '/offers/treat/pause');
  }),
  offer_amount_mismatch: refusing({ amountMinor: 250 }, undefined, 249),
  // The clock of the bench stands at 10:30 of Wednesday, 10 June 2026, in the time zone of the programme.
  offer_not_started: refusing({ rules: { validFrom: '2026-06-11' } }),
  offer_ended: refusing({ rules: { validTo: '2026-06-09' } }),
  window_closed: refusing({ rules: { windows: [{ until: '10:00' }] } }),
  limit_reached: refusing({ rules: { limits: [{ maximum: 1 }] } }, async (bench) => {
    await bench.redeemWell(await bench.phone.request(bench.box, 'treat'));
  }),
  internal_error: withServer(async (bench) => {
    const request = await bench.request();
    bench.execute('ALTER TABLE offer RENAME TO offer_lost');
    return bench.provoke(redemption(request));
  }),
  rate_limited: withServer(
    async (bench) => {
      const ask = { path: `${programme}/resolve`, body: { advert: bytesToBase64url(bench.box.advert()) } };
      await bench.send(ask);
      return bench.provoke(ask);
    },
    { resolve: 1 },
  ),
  server_busy: withServer(async (bench) => {
    const app = await buildApp({
      context: bench.server.context,
      logger: createLogger('silent'),
      requestsMax: 1,
    });
    const arrived = new Promise<void>((resolve) => {
      app.addHook('onRequest', async () => resolve());
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const waiting = bench.send(
      { method: 'GET', path: `${programme}/grants?waitMs=25000`, token: bench.server.ownerToken },
      url,
    );
    await arrived;
    try {
      return await bench.provoke({ path: `${programme}/nonces` }, [], url);
    } finally {
      // Closing ends the long wait, and its answer comes.
      await app.close();
      await waiting;
    }
  }),
} satisfies Partial<Scenarios<'server'>>;

export const serverScenarios: Scenarios<'server'> = { ...redeemScenarios, ...serverRouteScenarios };
