import { beforeEach, expect, test, vi } from 'vitest';
import { canonicalOffer } from '../decision/offer-hash.js';
import { testOffer } from '../testing/test-offer.js';

const loaded = vi.hoisted(() => ({ count: 0 }));
vi.mock(import('../holidays/holiday-tables.js'), async (original) => {
  const { holidayTables } = await original();
  return {
    holidayTables: () => {
      loaded.count += 1;
      return holidayTables();
    },
  };
});

const { offerVersionOf } = await import('./offer-version-row.js');

beforeEach(() => {
  loaded.count = 0;
});

test('a version is read as it was written, and the tables of holidays with it where it names any', () => {
  const german = { holidays: { country: 'DE', region: 'BE' } };
  for (const rules of [{ windows: [{ from: '08:00' }, german] }, { except: [german] }]) {
    const offer = testOffer(rules);
    loaded.count = 0;
    expect(offerVersionOf(canonicalOffer(offer))).toEqual(offer);
    expect(loaded.count).toBe(1);
  }
});

test('without holidays they stay where they are', () => {
  const offer = testOffer({ max: 3, until: '12:00' });
  loaded.count = 0;
  expect(offerVersionOf(canonicalOffer(offer))).toEqual(offer);
  expect(loaded.count).toBe(0);
});
