import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { checkTimeZone } from './offer.js';

test('times are read in the time zone of the programme, unless they bring their own offset', () => {
  expect(testOffer({ validFrom: '2026-06-10T09:00' }).validFromMs).toBe(Date.parse('2026-06-10T07:00:00Z'));
  expect(testOffer({ validFrom: '2026-06-10T09:00:00Z' }).validFromMs).toBe(
    Date.parse('2026-06-10T09:00:00Z'),
  );
  expect(testOffer({ validTo: '2026-06-10' }).validToMs).toBe(Date.parse('2026-06-10T22:00:00Z'));
});

test.each([
  [{ validFrom: '2026-02-30' }],
  [{ validFrom: '2026-06-11', validTo: '2026-06-10' }],
  [{ from: '12:00', until: '12:00' }],
  [{ until: '00:00' }],
])('rules that could never grant anything are refused: %j', (rules) => {
  expect(() => testOffer(rules)).toThrowError(expect.objectContaining({ code: 'body_invalid' }));
});

test('an unknown time zone is refused', () => {
  expect(() => checkTimeZone('Europe/Berlin')).not.toThrow();
  expect(() => checkTimeZone('Europe/Atlantis')).toThrowError(
    expect.objectContaining({ code: 'body_invalid' }),
  );
});
