import { join } from 'node:path';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';
import type { JwkSet } from '@tapseal/shared/http-api';
import { verifyVoucherFile } from '@tapseal/shared/verify-voucher-file';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DATABASE_FILE } from '../store/store-location.js';
import { makeEnrolmentRequest, type TestBox } from '../testing/test-box.js';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import { addToken, startTestVenue } from '../testing/test-venue.js';
import type { AuthorityAnswer, EnrolmentCodeAnswer, GrantPage } from './admin-schemas.js';
import { WAITERS_OF_PROGRAMME_MAX } from './decision-feed.js';

let server: TestServer;
let box: TestBox;
let phone: TestPhone;

beforeAll(async () => {
  ({ server, box, phone } = await startTestVenue());
});
afterAll(() => server.close());

type OpenApi = {
  openapi: string;
  paths: Record<
    string,
    Record<string, { summary?: string; tags?: string[]; responses: Record<string, object> }>
  >;
};

describe('problems', () => {
  test('an unknown route, another media type, a body that is no JSON, and one too long', async () => {
    const url = '/v1/programmes/venue/resolve';
    const post = (payload: string, type: string) =>
      server.app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } });
    const answers = [
      await server.app.inject('/nowhere'),
      await post('<a/>', 'application/xml'),
      await post('{', 'application/json'),
      await post('', 'application/json'),
      await post('{"__proto__": 1}', 'application/json'),
      await post(JSON.stringify({ advert: 'A'.repeat(17_000) }), 'application/json'),
      await server.app.inject({ method: 'POST', url: '/v1/programmes/nowhere/nonces' }),
      await server.app.inject({ method: 'POST', url: '/v1/programmes/NOT%20A%20NAME/nonces' }),
      await server.app.inject('/v1/programmes/%zz/manifest'),
      await server.app.inject({ method: 'POST', url: `/v1/programmes/${'a'.repeat(100)}/nonces` }),
      await server.app.inject({ method: 'POST', url: `/v1/programmes/${'a'.repeat(200)}/nonces` }),
    ];
    const codes: ErrorCode[] = [
      'route_unknown',
      'media_type_unsupported',
      'body_invalid',
      'body_invalid',
      'body_invalid',
      'body_too_long',
      'programme_unknown',
      'body_invalid',
      'route_unknown',
      'body_invalid',
      'body_invalid',
    ];
    for (const [i, code] of codes.entries()) {
      const entry: { http?: number; title: string; advice: string } = errorTable[code];
      const answer = answers[i];
      expect(answer?.headers['content-type'], code).toContain('application/problem+json');
      expect(answer?.json(), code).toMatchObject({
        type: `urn:tapseal:problem:${code}`,
        code,
        status: entry.http,
        title: entry.title,
        advice: entry.advice,
        instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect(answer?.statusCode).toBe(entry.http);
    }
    expect(server.logLines.filter((line) => line.includes('unexpected error'))).toEqual([]);
  });

  test('what should not have happened says no more than its request id; the log says the rest', async () => {
    const failing = await startTestServer();
    await failing.context.store.close();
    const answer = await failing.call('GET', '/healthz');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(JSON.stringify(answer.body)).not.toMatch(/database|sqlite/i);
    const line = failing.logLines.find((entry) => entry.includes('unexpected error')) ?? '';
    expect(line).toContain(answer.body.instance ?? 'no instance');
    expect(line).toContain('database connection is not open');
    await failing.close();
  });
});

test('who did which administrative act is on record', async () => {
  const audited = await startTestServer();
  await audited.admin('POST', '/touchpoints', { name: 'lobby-1' });
  await audited.admin('POST', '/touchpoints', { name: 'lobby-1' });
  await audited.admin('POST', '/touchpoints/lobby-1/revoke', {});
  const database = new Sqlite(join(audited.directory, DATABASE_FILE), { readonly: true });
  const rows = database
    .prepare("SELECT token, act, object FROM audit WHERE programme = 'venue' ORDER BY sequence")
    .all();
  database.close();
  const token = audited.ownerToken.slice(4, 20);
  expect(rows).toEqual([
    { token, act: 'initialise', object: 'venue' },
    { token, act: 'touchpoint.add', object: 'lobby-1' },
    { token, act: 'touchpoint.revoke', object: 'lobby-1' },
  ]);
  await audited.close();
});

describe('for verifiers', () => {
  test('the JWK set verifies a voucher, and its chain leads to the root', async () => {
    await server.admin('POST', '/offers', { id: 'jwk', touchpoints: ['lobby-1'], action: 'open', rules: {} });
    const { body } = await phone.tap(box, 'jwk');
    const jwks = await server.call<JwkSet>('GET', '/.well-known/jwks.json');
    const file = (text: string) => verifyVoucherFile(crypto, new TextEncoder().encode(text), jwks.body);
    expect(await file(body.jws)).toMatchObject({ form: 'jws', offer: 'jwk' });
    expect(await file(body.voucher)).toMatchObject({ form: 'cose', transactionId: body.transactionId });
    const chain = jwks.body.keys[0]?.x5c ?? [];
    const authority = (await server.call<AuthorityAnswer>('GET', '/v1/authority')).body;
    expect(chain).toHaveLength(3);
    expect(authority.root.replace(/-----.*-----|\n/g, '')).toBe(chain[2]);
    expect(authority.bundle).toContain(authority.tls.trim());
  });
});

describe('the OpenAPI document', () => {
  test('covers every route, each with a summary, a tag, and the shape of its problems', async () => {
    const { body } = await server.call<OpenApi>('GET', '/docs/json');
    expect(body.openapi).toMatch(/^3\.1/);
    const documented = Object.entries(body.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(
      [
        'DELETE /v1/programmes/{programme}/tokens/{id}',
        'PUT /v1/programmes/{programme}/offers/{id}',
        'POST /v1/programmes/{programme}/grants/{transactionId}/release',
        'POST /v1/programmes/{programme}/dry-runs',
        'PATCH /v1/programmes/{programme}/touchpoints/{name}',
        'PATCH /v1/programmes/{programme}/shoppers/{id}/labels',
        'GET /v1/programmes/{programme}/shoppers/{id}',
        'GET /v1/programmes/{programme}/offers/{id}/versions/{version}',
        'GET /v1/programmes/{programme}/offers/{id}/versions',
        'GET /v1/programmes/{programme}/offers/{id}/explanation',
        'GET /.well-known/jwks.json',
        'GET /healthz',
        'GET /metrics',
        'GET /v1/authority',
        'GET /v1/programmes',
        'GET /v1/programmes/{programme}',
        'GET /v1/programmes/{programme}/grants',
        'GET /v1/programmes/{programme}/manifest',
        'GET /v1/programmes/{programme}/offers',
        'GET /v1/programmes/{programme}/offers/{id}',
        'GET /v1/programmes/{programme}/phones',
        'GET /v1/programmes/{programme}/tokens',
        'GET /v1/programmes/{programme}/touchpoints',
        'GET /v1/programmes/{programme}/touchpoints/{name}',
        'GET /v1/programmes/{programme}/vouchers/{transactionId}',
        'POST /v1/enrolments',
        'POST /v1/programmes',
        'POST /v1/programmes/{programme}/nonces',
        'POST /v1/programmes/{programme}/offers',
        'POST /v1/programmes/{programme}/offers/{id}/pause',
        'POST /v1/programmes/{programme}/offers/{id}/resume',
        'POST /v1/programmes/{programme}/phones',
        'POST /v1/programmes/{programme}/phones/{id}/revoke',
        'POST /v1/programmes/{programme}/receipts',
        'POST /v1/programmes/{programme}/redemptions',
        'POST /v1/programmes/{programme}/resolve',
        'POST /v1/programmes/{programme}/tokens',
        'POST /v1/programmes/{programme}/touchpoints',
        'POST /v1/programmes/{programme}/touchpoints/{name}/enrolment-code',
        'POST /v1/programmes/{programme}/touchpoints/{name}/revoke',
      ].sort(),
    );
    for (const [path, operations] of Object.entries(body.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        expect(operation, `${method} ${path}`).toMatchObject({
          summary: expect.stringMatching(/./),
          tags: [expect.stringMatching(/./)],
          responses: { 500: { content: { 'application/problem+json': {} } } },
        });
      }
    }
  });

  test('is shown at /docs by files of this server alone', async () => {
    const page = await server.app.inject('/docs/');
    expect(page.statusCode).toBe(200);
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) {
      expect(address).not.toMatch(/^(?:https?:)?\/\//);
      expect((await server.app.inject(new URL(address, 'http://server/docs/').pathname)).statusCode).toBe(
        200,
      );
    }
  });
});

test('more requests at once than the server holds are sent away, with the time to wait', async () => {
  const small = await startTestServer({ requestsMax: 2 });
  const wait = () => small.admin('GET', '/grants?waitMs=25000');
  const { store } = small.context;
  const looks = vi.spyOn(store, 'lastSequence');
  const waiting = [wait(), wait()];
  // Each has its place when it looks.
  while (looks.mock.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const third = await small.call('POST', '/v1/programmes/venue/nonces');
  expect(third).toMatchObject({
    status: 503,
    body: { code: 'server_busy' },
    headers: { 'retry-after': '1' },
  });
  // Monitoring sees a busy server, and not none.
  expect((await small.app.inject('/healthz')).statusCode).toBe(200);
  expect((await small.app.inject('/metrics')).body).toContain('tapseal_problems_total{code="server_busy"} 1');
  await small.app.close();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  await small.close();
});

test('watchers that are answered at once take no place of those who wait', async () => {
  const list = () => server.admin<GrantPage>('GET', '/grants?decisions=all&waitMs=25000&limit=1');
  for (let i = 0; i < 2 * WAITERS_OF_PROGRAMME_MAX; i++) {
    const page = await list();
    expect(page.status).toBe(200);
    expect(page.body.grants).toHaveLength(1);
  }
});

test('more watchers of a programme than may wait are sent away, with the time to wait', async () => {
  const watched = await startTestServer();
  const wait = () => watched.admin('GET', '/grants?waitMs=25000');
  const waiting = Array.from({ length: WAITERS_OF_PROGRAMME_MAX }, wait);
  expect(await wait()).toMatchObject({
    status: 503,
    body: { code: 'server_busy' },
    headers: { 'retry-after': '1' },
  });
  await watched.app.close();
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
  await watched.close();
});

test('once they are answered, there is room again', async () => {
  const small = await startTestServer({ requestsMax: 1 });
  for (let i = 0; i < 5; i++) expect((await small.call('GET', '/v1/authority')).status).toBe(200);
  await small.close();
});

test('metrics count decisions by outcome and code, and name no shopper', async () => {
  const rules = { limits: [{ maximum: 1 }], spend: { when: 'confirmed', holdS: 3_600 } };
  await server.admin('POST', '/offers', { id: 'counted', touchpoints: ['lobby-1'], action: 'open', rules });
  await phone.tap(box, 'counted');
  expect((await phone.tap(box, 'counted')).body.code).toBe('limit_reached');
  const { body } = await server.app.inject('/metrics');
  expect(body).toMatch(/tapseal_decisions_total\{outcome="granted",code="granted"\} \d+/);
  expect(body).toMatch(/tapseal_decisions_total\{outcome="refused",code="limit_reached"\} \d+/);
  expect(body).toMatch(/tapseal_problems_total\{code="limit_reached"\} \d+/);
  expect(body).toContain('tapseal_holds_total{change="held"} 1');
  expect(body).toMatch(
    /tapseal_http_request_duration_seconds_count\{method="POST",route="\/v1\/programmes\/:programme\/redemptions",status="200"\}/,
  );
  expect(body).not.toContain(phone.shopper);
  expect(body).not.toContain(bytesToHex(phone.id));
});

test('property 30: no token, code, key, shopper reference or body ever reaches the log', async () => {
  const app = await addToken(server, 'app');
  const added = await server.admin<EnrolmentCodeAnswer>('POST', '/touchpoints', { name: 'logged' });
  const { request } = await makeEnrolmentRequest(added.body.enrolmentCode);
  await server.call('POST', '/v1/enrolments', request);
  const other = new TestPhone(server);
  await other.register('customer-4711', app.token);
  await server.admin('POST', '/offers', {
    id: 'logged',
    touchpoints: ['lobby-1'],
    action: 'open',
    rules: {},
  });
  const tap = await other.request(box, 'logged');
  const granted = await other.redeem(tap);
  await server.call('POST', '/v1/programmes/venue/phones', {
    registration: 'secret-field',
    shopper: 'customer-4711',
  });
  const log = server.logLines.join('');
  expect(log).toContain('answered');
  for (const secret of [
    app.token,
    app.token.slice(-43),
    server.ownerToken,
    request.code,
    added.body.enrolmentCode,
    'customer-4711',
    'secret-field',
    other.shopper,
    bytesToHex(other.id),
    bytesToBase64url(tap),
    granted.body.voucher,
    'PRIVATE KEY',
  ]) {
    expect(log).not.toContain(secret);
  }
});
