/** Administration of offers: made, changed, their versions and hashes, how full their limits are. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import type { TestPhone } from '../testing/test-phone.js';
import type { TestServer } from '../testing/test-server.js';
import { addToken, postOffer, startTestVenue } from '../testing/test-venue.js';
import type { GrantPage } from './admin-schemas.js';
import type {
  Explanation,
  OfferAdminView,
  OfferDetailView,
  OfferList,
  OfferVersionDetail,
  OfferVersionPage,
} from './offer-schemas.js';

let server: TestServer;
let box: TestBox;
let phone: TestPhone;

beforeAll(async () => {
  ({ server, box, phone } = await startTestVenue());
});
afterAll(() => server.close());

const basics = { touchpoints: ['lobby-1'], action: 'dispense' };
const weekly = { maximum: 1, per: ['shopper'], period: { unit: 'week' } };
const make = (id: string, rules: object, more: object = {}) =>
  postOffer(server, id, rules, { ...basics, ...more });
const change = (id: string, version: number, rules: object, more: object = {}) =>
  server.admin<OfferAdminView>('PUT', `/offers/${id}`, { version, ...basics, rules, ...more });
const show = async (id: string) => (await server.admin<OfferDetailView>('GET', `/offers/${id}`)).body;

describe('an offer', () => {
  test('tells its rules in words, and what is granted', async () => {
    const rules = { limits: [{ maximum: 100 }, weekly], windows: [{ until: '12:00' }] };
    const made = await make('free-coffee', rules);
    expect(made).toMatchObject({
      status: 201,
      body: { title: 'free-coffee', version: 1, paused: false, granted: 0, held: 0, keys: {}, rules },
    });
    expect(made.body.sentence).toBe(
      'at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)',
    );
    expect((await make('free-coffee', rules)).body.code).toBe('name_taken');
    expect((await make('astray', rules, { touchpoints: ['nowhere'] })).body.code).toBe('touchpoint_unknown');
    expect((await server.admin<OfferAdminView>('POST', '/offers/free-coffee/pause')).body.paused).toBe(true);
    expect((await server.admin<OfferAdminView>('POST', '/offers/free-coffee/resume')).body.paused).toBe(
      false,
    );
    expect((await server.admin('POST', '/offers/nothing/pause')).body.code).toBe('offer_unknown');
    expect((await phone.tap(box, 'free-coffee')).status).toBe(200);
    const offers = (await server.admin<OfferList>('GET', '/offers')).body.offers;
    expect(offers).toContainEqual(expect.objectContaining({ id: 'free-coffee', granted: 1, held: 0 }));
  });

  test('has a zone and keys of its own', async () => {
    const rules = { limits: [{ maximum: 5, per: ['key.campaign'], period: { unit: 'day' } }] };
    const made = await make('abroad', rules, { timeZone: 'Asia/Tokyo', keys: { campaign: 'summer' } });
    expect(made.body).toMatchObject({ timeZone: 'Asia/Tokyo', keys: { campaign: 'summer' } });
    expect(made.body.sentence).toContain('(Asia/Tokyo)');
  });

  test.each([
    ['an hour that is none', { windows: [{ until: '25:00' }] }, {}, 'until'],
    ['a rule of an earlier day', { perWeek: 1 }, {}, 'perWeek'],
    ['a period of neither kind', { limits: [{ maximum: 1, period: { unit: 'fortnight' } }] }, {}, 'limits/0'],
    ['a country without holidays', { except: [{ holidays: { country: 'XX' } }] }, {}, 'except'],
    ['a zone that is none', {}, { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['an offset in place of a zone', {}, { timeZone: '+01:00' }, 'timeZone'],
    ['a key with a space', {}, { keys: { campaign: 'high summer' } }, 'keys'],
  ])('is refused for %s, and the field is named', async (_what, rules, more, field) => {
    const answer = await make('faulty', rules, more);
    expect(answer.body.code).toBe('body_invalid');
    expect(answer.body.detail).toContain(field);
    expect((await server.admin('GET', '/offers/faulty')).body.code).toBe('offer_unknown');
  });
});

describe('a change', () => {
  test('is a new version, in force from the next request on; what is counted stays counted', async () => {
    await make('shrinking', { limits: [{ maximum: 3 }] });
    await phone.tap(box, 'shrinking');
    await phone.tap(box, 'shrinking');
    await server.admin('POST', '/offers/shrinking/pause');
    const changed = await change('shrinking', 2, { limits: [{ maximum: 1 }] }, { title: 'Less' });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        version: 2,
        title: 'Less',
        granted: 2,
        paused: true,
        sentence: expect.stringMatching('most 1'),
      },
    });
    await server.admin('POST', '/offers/shrinking/resume');
    expect((await phone.tap(box, 'shrinking')).body).toMatchObject({
      code: 'limit_reached',
      detail: 'at most 1 in all: 2 of 1 used',
    });
    expect((await show('shrinking')).limits).toMatchObject([
      { maximum: 1, usage: { used: 2, left: 0, full: true } },
    ]);
  });

  test('that does not follow the newest version changes nothing', async () => {
    await make('contended', { limits: [{ maximum: 3 }] });
    expect((await change('contended', 2, {})).status).toBe(200);
    for (const version of [2, 4]) {
      const late = await change('contended', version, { limits: [{ maximum: 9 }] });
      expect(late).toMatchObject({ status: 409, body: { code: 'version_conflict' } });
    }
    expect(await show('contended')).toMatchObject({ version: 2, rules: {} });
  });

  test('is refused as a new offer would be', async () => {
    await make('steady', {});
    expect((await change('steady', 1, {})).body.code).toBe('body_invalid');
    expect((await change('nothing', 2, {})).body.code).toBe('offer_unknown');
    expect((await change('steady', 2, {}, { touchpoints: ['nowhere'] })).body.code).toBe(
      'touchpoint_unknown',
    );
    expect((await change('steady', 2, { windows: [{}] })).body.code).toBe('body_invalid');
    expect((await change('steady', 2, {}, { id: 'other' })).body.code).toBe('body_invalid');
    expect((await show('steady')).version).toBe(1);
  });

  test('needs the right to operate', async () => {
    const { token } = await addToken(server, 'auditor');
    const body = { version: 2, ...basics, rules: {} };
    const answer = await server.call('PUT', '/v1/programmes/venue/offers/steady', body, token);
    expect(answer.body.code).toBe('token_forbidden');
  });
});

describe('versions', () => {
  const list = async (query = '') =>
    (await server.admin<OfferVersionPage>('GET', `/offers/versioned/versions${query}`)).body;

  beforeAll(async () => {
    await make('versioned', { limits: [{ maximum: 1 }] });
    for (const version of [2, 3]) await change('versioned', version, { limits: [{ maximum: version }] });
  });

  test('are listed the newest first, page by page', async () => {
    const all = await list();
    expect(all.versions.map(({ version, rules }) => [version, rules.limits?.[0]?.maximum])).toEqual([
      [3, 3],
      [2, 2],
      [1, 1],
    ]);
    expect(all.next).toBeUndefined();
    expect(new Set(all.versions.map(({ hash }) => hash)).size).toBe(3);
    const first = await list('?limit=2');
    expect(first.versions.map(({ version }) => version)).toEqual([3, 2]);
    expect((await list(`?before=${first.next}`)).versions.map(({ version }) => version)).toEqual([1]);
    expect(await list('?before=1')).toEqual({ versions: [] });
    expect((await server.admin('GET', '/offers/nothing/versions')).body.code).toBe('offer_unknown');
    for (const query of ['?limit=0', '?limit=101', '?before=x']) {
      expect((await server.admin('GET', `/offers/versioned/versions${query}`)).body.code).toBe(
        'body_invalid',
      );
    }
  });

  test('each has a text, whose hash is that of the grant', async () => {
    expect((await phone.tap(box, 'versioned')).status).toBe(200);
    const grants = (await server.admin<GrantPage>('GET', '/grants?order=newest&limit=1')).body.grants;
    const { body } = await server.admin<OfferVersionDetail>('GET', '/offers/versioned/versions/3');
    const hash = createHash('sha256').update(body.canonical).digest('base64url');
    expect(body.hash).toBe(hash);
    expect(grants[0]).toMatchObject({ offer: 'versioned', offerVersion: 3, offerHash: hash });
    expect((await show('versioned')).hash).toBe(hash);
    expect(JSON.parse(body.canonical)).toMatchObject({ id: 'versioned', version: 3, rules: body.rules });
    for (const version of ['4', '999999999999999']) {
      const absent = await server.admin('GET', `/offers/versioned/versions/${version}`);
      expect(absent.body.code).toBe('offer_unknown');
    }
    expect((await server.admin('GET', '/offers/versioned/versions/0')).body.code).toBe('body_invalid');
  });
});

test('limits that count everybody show how full they are; those that count apart show that they are', async () => {
  const rules = {
    limits: [{ maximum: 4 }, weekly, { maximum: 1_000, of: 'amount', period: { unit: 'day' } }],
    cooldowns: [{ seconds: 30, per: ['key.campaign'] }, { seconds: 60 }],
  };
  await make('full', rules, { amountMinor: 250, keys: { campaign: 'summer' } });
  expect((await phone.redeem(await phone.request(box, 'full', { amountMinor: 250 }))).status).toBe(200);
  const { limits } = await show('full');
  expect(limits).toEqual([
    { rule: 'at most 4 in all', of: 'grants', maximum: 4, usage: { used: 1, held: 0, left: 3, full: false } },
    { rule: 'once a week for each shopper', of: 'grants', maximum: 1 },
    {
      rule: 'at most 10.00 EUR a day',
      of: 'amount',
      maximum: 1_000,
      usage: { used: 250, held: 0, left: 750, full: false, resetsAt: '2026-06-10T22:00:00.000Z' },
    },
    {
      rule: expect.stringContaining('30 seconds'),
      of: 'grants',
      maximum: 1,
      usage: { used: 1, held: 0, left: 0, full: true, resetsAt: '2026-06-10T08:30:30.000Z' },
    },
    { rule: 'no sooner than 1 minute after the last one, for each shopper', of: 'grants', maximum: 1 },
  ]);
});

test('a limit that has no whole step left is full, also where everybody is shown how full it is', async () => {
  const rules = { limits: [{ maximum: 380, of: 'amount', partial: true }], stepMinor: 50 };
  await make('steps', rules, { amountMinor: 250 });
  const tap = async () => phone.redeem(await phone.request(box, 'steps', { amountMinor: 250 }));
  expect([(await tap()).status, (await tap()).status, (await tap()).status]).toEqual([200, 200, 403]);
  const shown = await show('steps');
  expect(shown.sentence).toContain('the last one may be a part in steps of 0.50 EUR');
  expect(shown.limits).toMatchObject([{ usage: { used: 350, left: 30, full: true } }]);
});

describe('how full a limit of the calendar is', () => {
  const daily = { limits: [{ maximum: 1, period: { unit: 'day' } }, { maximum: 9 }] };
  const addBox = async (name: string, timeZone: string): Promise<TestBox> => {
    const added = await TestBox.enrol(server, name);
    await server.admin('PATCH', `/touchpoints/${name}`, { timeZone });
    return added;
  };
  let kiritimati: TestBox;

  beforeAll(async () => {
    kiritimati = await addBox('kiritimati-1', 'Pacific/Kiritimati');
    await addBox('vienna-1', 'Europe/Vienna');
  });

  test('is said in the zone of its touchpoints', async () => {
    await make('far', daily, { touchpoints: ['kiritimati-1'] });
    // There it is half past ten in the evening.
    expect((await phone.tap(kiritimati, 'far')).status).toBe(200);
    const shown = await show('far');
    expect(shown).toMatchObject({ timeZone: 'Europe/Berlin', timeZones: ['Pacific/Kiritimati'] });
    const usage = { used: 1, held: 0, left: 0, full: true, resetsAt: '2026-06-10T10:00:00.000Z' };
    expect(shown.limits[0]?.usage).toEqual(usage);
    const explained = await server.admin<Explanation>('GET', '/offers/far/explanation');
    expect(explained.body.limits[0]).toMatchObject(usage);
  });

  test('is said where all zones agree, and where they do not, nowhere', async () => {
    await make('near', daily, { touchpoints: ['lobby-1', 'vienna-1'] });
    const near = await show('near');
    expect(near.timeZones).toEqual(['Europe/Berlin', 'Europe/Vienna']);
    expect(near.limits[0]?.usage).toMatchObject({ used: 0, resetsAt: '2026-06-10T22:00:00.000Z' });
    await make('both', daily, { touchpoints: ['lobby-1', 'kiritimati-1'] });
    const both = await show('both');
    expect(both.timeZones).toEqual(['Europe/Berlin', 'Pacific/Kiritimati']);
    expect(both.limits.map(({ usage }) => usage?.left)).toEqual([undefined, 9]);
  });
});
