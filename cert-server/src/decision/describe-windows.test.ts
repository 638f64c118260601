import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { utf8 } from '@tapseal/shared/bytes';
import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { describeWindows } from './describe-windows.js';
import type { OfferRules, Window } from './offer-rules.js';

function words(rules: OfferRules): string {
  return describeWindows(testOffer(rules), 'window_closed');
}

test.each<[OfferRules, string]>([
  [{ windows: [{ until: '12:00' }] }, 'only until 12:00'],
  [{ windows: [{ from: '08:00' }] }, 'only from 08:00'],
  [
    { windows: [{ from: '22:00', until: '02:00', weekdays: ['sun', 'sat'] }] },
    'only from 22:00 until 02:00, only on Saturdays and Sundays',
  ],
  [
    {
      windows: [
        { from: '08:00', until: '12:00', weekdays: ['mon', 'tue'] },
        { from: '10:00', weekdays: ['sat'] },
      ],
    },
    'only from 08:00 until 12:00 on Mondays and Tuesdays, or from 10:00 on Saturdays',
  ],
  [{ windows: [{ dates: { from: '2026-12-01', to: '2026-12-24' } }] }, 'only from 2026-12-01 to 2026-12-24'],
  [{ windows: [{ dates: { from: '2026-12-24', to: '2026-12-24' } }] }, 'only on 2026-12-24'],
  [
    { windows: [{ recurrence: 'DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO' }] },
    'only every 2 weeks on Monday from 2026-01-05',
  ],
  [
    { windows: [{ holidays: { country: 'DE', region: 'BE' } }] },
    'only on public holidays of Germany (Berlin)',
  ],
  [{ except: [{ from: '2026-12-24', to: '2026-12-24' }] }, 'not on 2026-12-24'],
  [
    {
      windows: [{ until: '12:00' }],
      except: [{ from: '2026-12-24', to: '2026-12-26' }, { holidays: { country: 'DE' } }],
    },
    'only until 12:00, not from 2026-12-24 to 2026-12-26 or on public holidays of Germany',
  ],
])('%j: %s', (rules, expected) => {
  expect(words(rules)).toBe(expected);
});

test('what has not begun or is over names the time as it was written', () => {
  const offer = testOffer({ validFrom: '2026-06-10', validTo: '2026-06-11T09:00+02:00' });
  expect(describeWindows(offer, 'offer_not_started')).toBe('valid from 2026-06-10');
  expect(describeWindows(offer, 'offer_ended')).toBe('valid to 2026-06-11T09:00+02:00');
});

test('too long for a refusal: days in a row become a span, many exceptions a number, many windows theirs', () => {
  const workdays: Window = { from: '08:00', until: '12:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] };
  expect(words({ windows: [workdays, { from: '10:00', until: '14:00', weekdays: ['sat', 'sun'] }] })).toBe(
    'only from 08:00 until 12:00 on Mondays to Fridays, or from 10:00 until 14:00 on Saturdays and Sundays',
  );
  const days = Array.from({ length: 64 }, (_, day) => {
    const date = new Date(Date.UTC(2026, 0, 1 + 3 * day)).toISOString().slice(0, 10);
    return { from: date, to: date };
  });
  expect(words({ except: days })).toBe('not on 2026-01-01, on 2026-01-04 or 62 other times');
  const windows = Array.from(
    { length: 16 },
    (_, hour): Window => ({ ...workdays, until: `${hour + 8}:01`.padStart(5, '0') }),
  );
  expect(words({ windows, except: days })).toBe('only within its 16 windows');
});

test('one window with all it can have still fits', () => {
  const recurrence = `DTSTART:20260105;FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=${['1MO', '2TU', '3WE', '-1TH', '2FR', '3SA', '-2SU'].join(',')};BYMONTHDAY=1,2,3,4,5,6,7,8,9,10`;
  const rule = words({
    windows: [
      {
        from: '22:00',
        until: '02:00',
        weekdays: ['mon', 'wed', 'fri'],
        recurrence,
        holidays: { country: 'VC' },
      },
    ],
  });
  expect(utf8(rule).length).toBeLessThanOrEqual(REFUSAL_RULE_BYTES_MAX);
  expect(rule).toMatch(/^only from 22:00 until 02:00, only on Mondays, Wednesdays and Fridays, .*…$/);
});
