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
      'counted when the box confirms; held for 24 hours until then (Europe/Berlin)',
  );
});
