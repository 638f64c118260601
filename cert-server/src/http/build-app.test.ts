import { join } from 'node:path';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';
import type { JwkSet } from '@tapseal/shared/http-api';
import { verifyVoucherFile } from '@tapseal/shared/verify-voucher-file';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DATABASE_FILE } from '../server/initialise.js';
import { makeEnrolmentRequest, TestBox } from '../testing/test-box.js';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import type {
  AuthorityAnswer,
  EnrolmentCodeAnswer,
  GrantPage,
  OfferAdminView,
  OfferList,
  PhoneList,
  ProgrammeList,
  ProgrammeView,
  TokenCreated,
  TokenList,
  TouchpointList,
} from './admin-schemas.js';
import { WAITERS_OF_PROGRAMME_MAX } from './decision-feed.js';

let server: TestServer;
let box: TestBox;
let phone: TestPhone;

beforeAll(async () => {
  server = await startTestServer();
  box = await TestBox.enrol(server, 'lobby-1');
  phone = await TestPhone.register(server);
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

describe('tokens and roles', () => {
  const token = async (role: string, more: object = {}): Promise<TokenCreated> =>
    (await server.admin<TokenCreated>('POST', '/tokens', { role, ...more })).body;
  const base = '/v1/programmes/venue';
  const reads = ['', '/touchpoints', '/offers', '/phones', '/grants'];

  test('each role may do what it is for, and nothing above it', async () => {
    const offer = { id: 'nothing', touchpoints: ['lobby-1'], action: 'open', rules: {} };
    const acts = [
      ...reads.map((path) => ['GET', `${base}${path}`, undefined] as const),
      ['POST', `${base}/offers/absent/pause`, undefined] as const,
      ['GET', `${base}/tokens`, undefined] as const,
      ['GET', '/v1/programmes', undefined] as const,
      ['POST', '/v1/programmes', offer] as const,
    ];
    const allowed = async (bearer: string): Promise<boolean[]> =>
      Promise.all(
        acts.map(async ([method, path, body]) => {
          const { status, body: answer } = await server.call(method, path, body, bearer);
          return status !== 401 && answer.code !== 'token_forbidden';
        }),
      );
    expect(await allowed((await token('auditor')).token)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(await allowed((await token('operator')).token)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(await allowed((await token('owner')).token)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(await allowed((await token('app')).token)).toEqual(Array(9).fill(false));
    expect(await allowed(server.ownerToken)).toEqual(Array(9).fill(true));
  });

  test('without a token, with a false one, and with one of another programme', async () => {
    const other = { id: 'other', title: 'Other', timeZone: 'UTC', currency: 'USD' };
    expect((await server.call('POST', '/v1/programmes', other, server.ownerToken)).status).toBe(201);
    expect((await server.call('POST', '/v1/programmes', other, server.ownerToken)).body.code).toBe(
      'name_taken',
    );
    const atlantis = { ...other, id: 'atlantis', timeZone: 'Europe/Atlantis' };
    expect((await server.call('POST', '/v1/programmes', atlantis, server.ownerToken)).body.code).toBe(
      'body_invalid',
    );
    const ofOther = await server.call<TokenCreated>(
      'POST',
      '/v1/programmes/other/tokens',
      { role: 'owner' },
      server.ownerToken,
    );
    const ask = (bearer?: string) => server.call('GET', `${base}/offers`, undefined, bearer);
    expect(await ask()).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect((await ask('tps_0000000000000000_false')).body.code).toBe('token_invalid');
    expect((await ask(`${server.ownerToken.slice(0, 30)}${'A'.repeat(34)}`)).body.code).toBe('token_invalid');
    expect((await ask(ofOther.body.token)).body.code).toBe('token_forbidden');
    const list = await server.call<ProgrammeList>('GET', '/v1/programmes', undefined, server.ownerToken);
    expect(list.body.programmes.map(({ id }) => id)).toEqual(['other', 'venue']);
    const one = await server.call<ProgrammeView>(
      'GET',
      '/v1/programmes/other',
      undefined,
      ofOther.body.token,
    );
    expect(one.body).toEqual({ ...other, createdAt: expect.any(String) });
    const absent = await server.call('GET', '/v1/programmes/absent', undefined, server.ownerToken);
    expect(absent.body.code).toBe('programme_unknown');
  });

  test('a token ends at its time, or at its revocation, from the next request on', async () => {
    const brief = await token('auditor', { expiresInDays: 1, label: 'brief' });
    const revoked = await token('auditor');
    const ask = async (bearer: string) =>
      (await server.call('GET', `${base}/offers`, undefined, bearer)).status;
    expect(await ask(brief.token)).toBe(200);
    server.nowMs += 86_400_000;
    expect(await ask(brief.token)).toBe(401);
    server.nowMs -= 86_400_000;
    expect((await server.admin('DELETE', `/tokens/${revoked.id}`)).status).toBe(200);
    expect(await ask(revoked.token)).toBe(401);
    expect((await server.admin('DELETE', `/tokens/${revoked.id}`)).body.code).toBe('state_conflict');
    expect((await server.admin('DELETE', '/tokens/0000000000000000')).body.code).toBe('token_unknown');
    expect((await server.admin('DELETE', `/tokens/${server.ownerToken.slice(4, 20)}`)).body.code).toBe(
      'state_conflict',
    );
    const list = await server.admin<TokenList>('GET', '/tokens');
    expect(list.body.tokens).toContainEqual(expect.objectContaining({ id: brief.id, label: 'brief' }));
    expect(JSON.stringify(list.body)).not.toContain(brief.token.slice(-20));
  });
});

test('the owner token of the deployment is rotated by its successor, and not by owners of a programme', async () => {
  const rotated = await startTestServer();
  const make = (bearer: string) =>
    rotated.call<TokenCreated>(
      'POST',
      '/v1/programmes/venue/tokens',
      { role: 'owner', everyProgramme: true },
      bearer,
    );
  const list = async (bearer: string) =>
    (await rotated.call<TokenList>('GET', '/v1/programmes/venue/tokens', undefined, bearer)).body.tokens;
  const revoke = (id: string, bearer: string) =>
    rotated.call('DELETE', `/v1/programmes/venue/tokens/${id}`, undefined, bearer);
  const firstId = rotated.ownerToken.slice(4, 20);
  const local = (await rotated.admin<TokenCreated>('POST', '/tokens', { role: 'owner' })).body;
  expect((await make(local.token)).body.code).toBe('token_forbidden');
  expect((await list(local.token)).map(({ id }) => id)).toEqual([local.id]);
  expect((await revoke(firstId, local.token)).body.code).toBe('token_unknown');
  const next = (await make(rotated.ownerToken)).body;
  expect((await list(next.token)).filter(({ everyProgramme }) => everyProgramme)).toHaveLength(2);
  expect((await revoke(firstId, next.token)).status).toBe(200);
  expect((await rotated.admin('GET', '/offers')).body.code).toBe('token_invalid');
  await rotated.close();
});

describe('administration', () => {
  test('an offer tells its rules in words, and what is granted', async () => {
    const rules = { max: 100, until: '12:00', perWeek: 1 };
    const body = { id: 'free-coffee', touchpoints: ['lobby-1'], action: 'dispense', rules };
    const made = await server.admin<OfferAdminView>('POST', '/offers', body);
    expect(made).toMatchObject({
      status: 201,
      body: { title: 'free-coffee', paused: false, granted: 0, rules },
    });
    expect(made.body.sentence).toBe(
      'at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)',
    );
    expect((await server.admin('POST', '/offers', body)).body.code).toBe('name_taken');
    const astray = { ...body, id: 'astray', touchpoints: ['nowhere'] };
    expect((await server.admin('POST', '/offers', astray)).body.code).toBe('touchpoint_unknown');
    const faulty = { ...body, id: 'faulty', rules: { until: '25:00' } };
    expect((await server.admin('POST', '/offers', faulty)).body.detail).toContain('until');
    expect((await server.admin<OfferAdminView>('POST', '/offers/free-coffee/pause')).body.paused).toBe(true);
    expect((await server.admin<OfferAdminView>('POST', '/offers/free-coffee/resume')).body.paused).toBe(
      false,
    );
    expect((await server.admin('POST', '/offers/nothing/pause')).body.code).toBe('offer_unknown');
    expect((await phone.tap(box, 'free-coffee')).status).toBe(200);
    const offers = (await server.admin<OfferList>('GET', '/offers')).body.offers;
    expect(offers).toContainEqual(expect.objectContaining({ id: 'free-coffee', granted: 1 }));
  });

  test('touchpoints and phones: listed, and revoked once', async () => {
    expect((await server.admin('POST', '/touchpoints', { name: 'lobby-1' })).body.code).toBe('name_taken');
    expect((await server.admin('POST', '/touchpoints/nowhere/revoke', {})).body.code).toBe(
      'touchpoint_unknown',
    );
    await TestBox.enrol(server, 'short-lived');
    const revoke = () => server.admin('POST', '/touchpoints/short-lived/revoke', { reason: 'test' });
    expect(await revoke()).toMatchObject({ status: 200, body: { state: 'revoked', revokedReason: 'test' } });
    expect((await revoke()).body.code).toBe('state_conflict');
    const touchpoints = (await server.admin<TouchpointList>('GET', '/touchpoints')).body.touchpoints;
    expect(touchpoints.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'lobby-1 enrolled',
      'short-lived revoked',
    ]);
    const other = await TestPhone.register(server);
    const page = await server.admin<PhoneList>('GET', '/phones?limit=1');
    const rest = await server.admin<PhoneList>('GET', `/phones?after=${page.body.next}`);
    expect([...page.body.phones, ...rest.body.phones].map(({ id }) => id)).toContain(bytesToHex(other.id));
    const path = `/phones/${bytesToHex(other.id)}/revoke`;
    expect((await server.admin('POST', path)).body).toMatchObject({ state: 'revoked' });
    expect((await server.admin('POST', path)).body.code).toBe('state_conflict');
    expect((await server.admin('POST', `/phones/${'0'.repeat(32)}/revoke`)).body.code).toBe('phone_unknown');
  });

  test('grants are paged by a cursor, and a watcher is woken by the next one', async () => {
    const offer = { id: 'watched', touchpoints: ['lobby-1'], action: 'open', rules: { perDay: 2 } };
    await server.admin('POST', '/offers', offer);
    const start = (await server.admin<GrantPage>('GET', '/grants?decisions=all')).body.next;
    const watch = server.admin<GrantPage>('GET', `/grants?after=${start}&waitMs=25000`);
    const answer = await phone.tap(box, 'watched');
    const seen = (await watch).body;
    expect(seen.grants).toMatchObject([
      { transactionId: answer.body.transactionId, offer: 'watched', touchpoint: 'lobby-1', granted: true },
    ]);
    await phone.tap(box, 'watched');
    expect((await phone.tap(box, 'watched')).body.code).toBe('limit_reached');
    const list = async (query: string) =>
      (await server.admin<GrantPage>('GET', `/grants?after=${start}${query}`)).body;
    expect((await list('')).grants).toHaveLength(2);
    expect((await list('&decisions=all')).grants.at(-1)).toMatchObject({
      granted: false,
      code: 'limit_reached',
      rule: 'twice a day for each shopper',
      used: 2,
      maximum: 2,
    });
    const first = await list('&limit=1');
    expect((await server.admin<GrantPage>('GET', `/grants?after=${first.next}`)).body.grants).toHaveLength(1);
    expect((await server.admin('GET', '/grants?limit=501')).body.code).toBe('body_invalid');
    expect((await server.admin('GET', '/grants?limit=0')).body.code).toBe('body_invalid');
    expect((await server.admin('GET', '/grants?limit=many')).body.code).toBe('body_invalid');
    expect((await server.admin('GET', `/vouchers/${'0'.repeat(32)}`)).body.code).toBe('voucher_unknown');
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
  const waiting = [wait(), wait()];
  // The two are let in before the third, in the order in which they came.
  const third = await small.call('GET', '/healthz');
  expect(third).toMatchObject({
    status: 503,
    body: { code: 'server_busy' },
    headers: { 'retry-after': '1' },
  });
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
  for (let i = 0; i < 5; i++) expect((await small.call('GET', '/healthz')).status).toBe(200);
  await small.close();
});

test('metrics count decisions by outcome and code, and name no shopper', async () => {
  const { body } = await server.app.inject('/metrics');
  expect(body).toMatch(/tapseal_decisions_total\{outcome="granted",code="granted"\} \d+/);
  expect(body).toMatch(/tapseal_decisions_total\{outcome="refused",code="limit_reached"\} \d+/);
  expect(body).toMatch(/tapseal_problems_total\{code="limit_reached"\} \d+/);
  expect(body).toMatch(
    /tapseal_http_request_duration_seconds_count\{method="POST",route="\/v1\/programmes\/:programme\/redemptions",status="200"\}/,
  );
  expect(body).not.toContain(phone.shopper);
  expect(body).not.toContain(bytesToHex(phone.id));
});

test('property 30: no token, code, key, shopper reference or body ever reaches the log', async () => {
  const app = (await server.admin<TokenCreated>('POST', '/tokens', { role: 'app' })).body;
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
