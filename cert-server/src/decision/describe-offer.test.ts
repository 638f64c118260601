import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { describeOffer } from './describe-offer.js';

test('an offer in the words of a venue manager', () => {
  expect(describeOffer(testOffer({ max: 100, until: '12:00', perWeek: 1 }))).toBe(
    'at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)',
  );
  expect(
    describeOffer(testOffer({ weekdays: ['sun', 'sat'], from: '22:00', until: '02:00', perMonth: 4 })),
  ).toBe(
    'only from 22:00 until 02:00, only on Saturdays and Sundays, 4 times a month for each shopper (Europe/Berlin)',
  );
  expect(describeOffer(testOffer({}))).toBe('without limits');
});

test('everything an offer can have, what counts in all first, what is rarest last', () => {
  const offer = testOffer(
    {
      limits: [
        { maximum: 1, per: ['shopper'], period: { unit: 'day' } },
        { maximum: 50_000, of: 'amount', partial: true },
      ],
      cooldowns: [{ seconds: 30 }],
      windows: [{ from: '08:00' }],
      except: [{ from: '2026-12-24', to: '2026-12-24' }],
      validFrom: '2026-06-10',
      validTo: '2026-12-31',
      spend: { when: 'confirmed', holdS: 86_400 },
    },
    'Europe/Berlin',
    { amountMinor: 250 },
  );
  expect(describeOffer(offer)).toBe(
    'at most 500.00 EUR in all, the last one may be a part, only from 08:00, not on 2026-12-24, ' +
      'once a day for each shopper, no sooner than 30 seconds after the last one, for each shopper, ' +
      'valid from 2026-06-10, valid to 2026-12-31, ' +
      'counted when the box confirms; held for 24 hours until then (Europe/Berlin). ' +
      'Until the box confirms, a place stays taken for up to 24 hours, also where a limit says 30 seconds; ' +
      'the 30 seconds begin when the receipt arrives',
  );
});

test('however long the names and the list of limits, the sentence is whole', () => {
  const per = [
    `touchpoint.${'m'.repeat(40)}=${'v'.repeat(40)}`,
    `shopper.${'t'.repeat(40)}=${'g'.repeat(40)}`,
  ];
  const sentence = describeOffer(
    testOffer(
      { limits: [{ maximum: 50_000, of: 'amount', per, partial: true }], stepMinor: 50 },
      'Europe/Berlin',
      { amountMinor: 800 },
    ),
  );
  expect(sentence).not.toContain('…');
  expect(sentence).toContain(`${'t'.repeat(40)} ${'g'.repeat(40)}`);
  expect(sentence).toContain(
    `${'m'.repeat(40)} ${'v'.repeat(40)}, the last one may be a part in steps of 0.50 EUR`,
  );
});

test('a hold that is longer than a rolling span is warned of, and no other', () => {
  const warned = (limitS: number, cooldownS: number, holdS = 86_400): string =>
    describeOffer(
      testOffer({
        limits: [
          { maximum: 3, period: { rollingS: limitS } },
          { maximum: 9, period: { unit: 'day' } },
        ],
        cooldowns: [{ seconds: cooldownS }],
        spend: { when: 'confirmed', holdS },
      }),
    ).replace(/^.*\(Europe\/Berlin\)/, '');
  expect(warned(600, 86_400)).toBe(
    '. Until the box confirms, a place stays taken for up to 24 hours, also where a limit says 10 minutes; ' +
      'the 10 minutes begin when the receipt arrives',
  );
  expect(warned(3_600, 86_400)).toMatch(/also where a limit says 1 hour; the 1 hour begins when/);
  expect(warned(30, 600)).toMatch(/also where a limit says 10 minutes or 30 seconds; they begin when/);
  expect(warned(600, 600)).toMatch(/also where a limit says 10 minutes; the/);
  expect(warned(86_400, 86_400)).toBe('');
  expect(warned(600, 120, 120)).toBe('');
  expect(describeOffer(testOffer({ cooldowns: [{ seconds: 30 }] }))).not.toContain('Until');
});
