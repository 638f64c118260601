/** Administration of touchpoints, phones and shoppers: listed, labelled, revoked. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { TestPhone } from '../testing/test-phone.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { addToken } from '../testing/test-venue.js';
import type {
  EnrolmentCodeAnswer,
  PhoneList,
  ShopperView,
  TokenRole,
  TouchpointList,
  TouchpointView,
} from './admin-schemas.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  await TestBox.enrol(server, 'lobby-1');
});
afterAll(() => server.close());

const manyLabels = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`label-${at}`, 'yes']));

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
  const one = await TestPhone.register(server);
  const other = await TestPhone.register(server);
  const page = await server.admin<PhoneList>('GET', '/phones?limit=1');
  const rest = await server.admin<PhoneList>('GET', `/phones?after=${page.body.next}`);
  const ids = [...page.body.phones, ...rest.body.phones].map(({ id }) => id);
  expect(ids.sort()).toEqual([bytesToHex(one.id), bytesToHex(other.id)].sort());
  const path = `/phones/${bytesToHex(other.id)}/revoke`;
  expect((await server.admin('POST', path)).body).toMatchObject({ state: 'revoked' });
  expect((await server.admin('POST', path)).body.code).toBe('state_conflict');
  expect((await server.admin('POST', `/phones/${'0'.repeat(32)}/revoke`)).body.code).toBe('phone_unknown');
});

describe('labels and the zone of a touchpoint', () => {
  const change = (body: unknown, name = 'gate-1') =>
    server.admin<TouchpointView>('PATCH', `/touchpoints/${name}`, body);

  test('are given with it, added to, and taken away one by one', async () => {
    const body = { name: 'gate-1', labels: { merchant: 'cafe-ada' }, timeZone: 'Europe/London' };
    const added = await server.admin<EnrolmentCodeAnswer>('POST', '/touchpoints', body);
    expect(added.body.touchpoint).toMatchObject({ labels: body.labels, timeZone: 'Europe/London' });
    expect((await change({ labels: { site: 'airport' } })).body.labels).toEqual({
      merchant: 'cafe-ada',
      site: 'airport',
    });
    const last = await change({ labels: { merchant: null, site: 'mall' }, timeZone: null });
    expect(last.body.labels).toEqual({ site: 'mall' });
    expect(last.body).not.toHaveProperty('timeZone');
    const shown = await server.admin<TouchpointView>('GET', '/touchpoints/gate-1');
    expect(shown.body).toEqual(last.body);
    const plain = await server.admin<TouchpointView>('GET', '/touchpoints/lobby-1');
    expect(plain.body.labels).toEqual({});
  });

  test.each([
    ['nothing', {}],
    ['a name in capitals', { labels: { Merchant: 'x' } }],
    ['a value with a slash', { labels: { merchant: 'cafe/ada' } }],
    ['a field of its own', { place: 'here' }],
    ['no zone of this earth', { timeZone: 'Europe/Atlantis' }],
    ['an offset in place of a zone', { timeZone: '+01:00' }],
  ])('are refused for %s', async (_what, body) => {
    expect((await change(body, 'lobby-1')).body.code).toBe('body_invalid');
  });

  test('are at most 16, also over several changes', async () => {
    await server.admin('POST', '/touchpoints', { name: 'full', labels: manyLabels(16) });
    expect((await change({ labels: { more: 'yes' } }, 'full')).body.code).toBe('labels_full');
    expect((await change({ labels: { more: 'yes', 'label-0': null } }, 'full')).status).toBe(200);
    const tooMany = { name: 'too-full', labels: manyLabels(17) };
    expect((await server.admin('POST', '/touchpoints', tooMany)).body.code).toBe('body_invalid');
    expect((await change({ timeZone: null }, 'nowhere')).body.code).toBe('touchpoint_unknown');
    const atlantis = { name: 'atlantis', timeZone: 'Europe/Atlantis' };
    expect((await server.admin('POST', '/touchpoints', atlantis)).body.code).toBe('body_invalid');
    expect((await server.admin('GET', '/touchpoints/atlantis')).body.code).toBe('touchpoint_unknown');
  });
});

describe('labels of a shopper', () => {
  const path = (shopper: string) => `/v1/programmes/venue/shoppers/${shopper}`;
  const tokenOf = async (role: TokenRole): Promise<string> => (await addToken(server, role)).token;

  test('are set by operators and by the app, and read by auditors', async () => {
    const { shopper } = await TestPhone.register(server);
    const [operator, app, auditor] = [
      await tokenOf('operator'),
      await tokenOf('app'),
      await tokenOf('auditor'),
    ];
    const label = (token: string, body: unknown) =>
      server.call<ShopperView>('PATCH', `${path(shopper)}/labels`, body, token);
    expect((await label(app, { tier: 'gold' })).body).toMatchObject({
      id: shopper,
      labels: { tier: 'gold' },
    });
    expect((await label(operator, { segment: 'press', tier: null })).body.labels).toEqual({
      segment: 'press',
    });
    expect((await label(auditor, { tier: 'gold' })).body.code).toBe('token_forbidden');
    const shown = await server.call<ShopperView>('GET', path(shopper), undefined, auditor);
    expect(shown.body).toEqual({
      id: shopper,
      labels: { segment: 'press' },
      createdAt: '2026-06-10T08:30:00.000Z',
    });
    expect((await server.call('GET', path(shopper), undefined, app)).body.code).toBe('token_forbidden');
  });

  test('are at most 16, and only of shoppers that there are', async () => {
    const { shopper } = await TestPhone.register(server);
    const label = (id: string, body: unknown) => server.admin('PATCH', `/shoppers/${id}/labels`, body);
    expect((await label(shopper, manyLabels(16))).status).toBe(200);
    expect((await label(shopper, { more: 'yes' })).body.code).toBe('labels_full');
    expect((await label(shopper, {})).body.code).toBe('body_invalid');
    expect((await label(shopper, { Tier: 'gold' })).body.code).toBe('body_invalid');
    expect((await label('nobody', { tier: 'gold' })).body.code).toBe('shopper_unknown');
    expect((await server.admin('GET', '/shoppers/nobody')).body.code).toBe('shopper_unknown');
  });
});
