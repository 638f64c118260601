/** Tokens: what each role may do, how long, and how they are rotated. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { addToken } from '../testing/test-venue.js';
import type { ProgrammeList, ProgrammeView, TokenCreated, TokenList, TokenRole } from './admin-schemas.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await server.admin('POST', '/touchpoints', { name: 'lobby-1' });
});
afterAll(() => server.close());

describe('tokens and roles', () => {
  const token = (role: TokenRole, more: object = {}) => addToken(server, role, more);
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
    // Each role may do as many of them, from the first on.
    const allowedFirst = (count: number) => acts.map((_, index) => index < count);
    expect(await allowed((await token('auditor')).token)).toEqual(allowedFirst(reads.length));
    expect(await allowed((await token('operator')).token)).toEqual(allowedFirst(reads.length + 1));
    expect(await allowed((await token('owner')).token)).toEqual(allowedFirst(reads.length + 2));
    expect(await allowed((await token('app')).token)).toEqual(allowedFirst(0));
    expect(await allowed(server.ownerToken)).toEqual(allowedFirst(acts.length));
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
  const local = await addToken(rotated, 'owner');
  expect((await make(local.token)).body.code).toBe('token_forbidden');
  expect((await list(local.token)).map(({ id }) => id)).toEqual([local.id]);
  expect((await revoke(firstId, local.token)).body.code).toBe('token_unknown');
  const next = (await make(rotated.ownerToken)).body;
  expect((await list(next.token)).filter(({ everyProgramme }) => everyProgramme)).toHaveLength(2);
  expect((await revoke(firstId, next.token)).status).toBe(200);
  expect((await rotated.admin('GET', '/offers')).body.code).toBe('token_invalid');
  await rotated.close();
});
