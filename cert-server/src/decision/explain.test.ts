import { expect, test } from 'vitest';
import { testOffer, testParty } from '../testing/test-offer.js';
import { decide } from './decide.js';
import { explain } from './explain.js';

const nowMs = Date.parse('2026-06-10T08:30:00Z');
const dayEndsMs = Date.parse('2026-06-10T22:00:00Z');

test('rule by rule: what is used, what is left, what refuses, and until when', () => {
  const offer = testOffer({ max: 100, perDay: 1, until: '12:00' });
  const used = new Map([
    ['offer/offer|grants', { used: 30, held: 7, holdEndsAtMs: nowMs + 60_000 }],
    ['offer/offer|grants|shopper/s1|day/2026-06-10', { used: 1, held: 0 }],
  ]);
  const usage = { party: testParty(), used };
  expect(explain(offer, usage, nowMs)).toEqual({
    verdict: decide(offer, usage, nowMs),
    window: { open: true, sentence: 'only until 12:00 (Europe/Berlin)' },
    limits: [
      { rule: 'at most 100 in all', of: 'grants', used: 30, held: 7, maximum: 100, left: 63, full: false },
      {
        rule: 'once a day for each shopper',
        of: 'grants',
        used: 1,
        held: 0,
        maximum: 1,
        left: 0,
        full: true,
        resetsAtMs: dayEndsMs,
      },
    ],
  });
});

test('a closed window is explained, and the limits all the same', () => {
  const offer = testOffer({ from: '18:00', perDay: 2, validTo: '2026-12-31' });
  const explanation = explain(offer, { party: testParty(), used: new Map() }, nowMs);
  expect(explanation).toMatchObject({
    verdict: { granted: false, code: 'window_closed' },
    window: {
      open: false,
      sentence: 'only from 18:00, valid to 2026-12-31 (Europe/Berlin)',
      resetsAtMs: Date.parse('2026-06-10T16:00:00Z'),
    },
    // Not full: the end of the day is when its count begins anew.
    limits: [{ used: 0, left: 2, full: false, resetsAtMs: dayEndsMs }],
  });
});

test('without any rule: at all times, and nothing to count', () => {
  const explanation = explain(testOffer({}), { party: testParty(), used: new Map() }, nowMs);
  expect(explanation).toMatchObject({
    verdict: { granted: true },
    window: { sentence: 'at all times' },
    limits: [],
  });
});

test('the zone of the touchpoint is the one that counts, and is named', () => {
  const party = testParty('s1', { touchpointTimeZone: 'Pacific/Auckland' });
  const { window } = explain(testOffer({ until: '12:00' }), { party, used: new Map() }, nowMs);
  expect(window).toMatchObject({ open: false, sentence: 'only until 12:00 (Pacific/Auckland)' });
});

test('a limit is not called full by an amount of which only a part is granted', () => {
  const offer = testOffer(
    {
      limits: [
        { maximum: 600, of: 'amount', partial: true },
        { maximum: 580, of: 'amount', per: ['shopper'] },
      ],
    },
    'Europe/Berlin',
    { amountMinor: 250 },
  );
  const used = new Map([
    ['offer/offer|amount', { used: 580, held: 0 }],
    ['offer/offer|amount|shopper/s1', { used: 500, held: 0 }],
  ]);
  expect(explain(offer, { party: testParty(), used }, nowMs)).toMatchObject({
    verdict: { granted: true, awardedMinor: 20 },
    limits: [
      { left: 20, full: false },
      { left: 80, full: false },
    ],
  });
});

test('a rule that is over its lowered maximum has nothing left, not less than nothing', () => {
  const used = new Map([['offer/offer|grants', { used: 80, held: 0 }]]);
  const { limits } = explain(testOffer({ max: 50 }), { party: testParty(), used }, nowMs);
  expect(limits).toMatchObject([{ used: 80, maximum: 50, left: 0, full: true }]);
  expect(limits[0]).not.toHaveProperty('resetsAtMs');
});

test('a limit of long names is named whole, in the answer as well, of which a phone sees but the beginning', () => {
  const name = 'a'.repeat(40);
  const per = ['shopper', `shopper.${name}=${name}`, `touchpoint.${name}=${name}`];
  const offer = testOffer({ limits: [{ maximum: 1, per }] });
  const party = testParty('s1', { shopperLabels: { [name]: name }, touchpointLabels: { [name]: name } });
  const key = `offer/offer|grants|shopper/s1|shopper.${name}/${name}|touchpoint.${name}/${name}`;
  const usage = { party, used: new Map([[key, { used: 1, held: 0 }]]) };
  const rule = `once for each shopper with ${name} ${name} at touchpoints with ${name} ${name}`;
  expect(explain(offer, usage, nowMs)).toMatchObject({
    verdict: { granted: false, rule, used: 1, maximum: 1 },
    limits: [{ rule, full: true }],
  });
  expect(decide(offer, usage, nowMs)).toMatchObject({ rule: expect.stringContaining('…') });
});
