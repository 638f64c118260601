import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { describeOffer, describeWindow } from './describe-offer.js';

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

test('the longest window fits into a refusal', () => {
  const offer = testOffer({
    from: '22:00',
    until: '02:00',
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  });
  expect(describeWindow(offer, 'window_closed').length).toBeLessThanOrEqual(REFUSAL_RULE_BYTES_MAX);
});
