/**
 * The walk through the whole table of codes (docs/errors.md): each code is provoked in each party that raises it, is told
 * with its own status and sentences, and has changed nothing.
 */
import { errorCodes, errorTable, isErrorCode } from '@tapseal/shared/error-codes';
import { describe, expect, test } from 'vitest';
import { operatorScenarios } from './every-code/operator.js';
import { phoneScenarios } from './every-code/phone.js';
import type { Party, Scenario } from './every-code/scenario.js';
import { serverScenarios } from './every-code/server.js';
import { touchpointScenarios } from './every-code/touchpoint.js';
import { verifierScenarios } from './every-code/verifier.js';

const scenarios: Readonly<Record<Party, Readonly<Record<string, Scenario>>>> = {
  server: serverScenarios,
  touchpoint: touchpointScenarios,
  phone: phoneScenarios,
  operator: operatorScenarios,
  verifier: verifierScenarios,
};
const parties = Object.keys(scenarios) as Party[];

test('no code is without a party that raises it', () => {
  expect(errorCodes.filter((code) => errorTable[code].by.length === 0)).toEqual([]);
});

test.each(parties)('the %s has a scenario for each of its codes, and for no other', (party) => {
  const codes = errorCodes.filter((code) => errorTable[code].by.includes(party));
  expect(Object.keys(scenarios[party]).sort()).toEqual([...codes].sort());
});

describe.concurrent.each(parties)('the %s', (party) => {
  test.each(Object.entries(scenarios[party]))('raises %s', async (code, scenario) => {
    if (!isErrorCode(code)) throw new Error(`${code} is not in the table`);
    const { title, advice, http, ble } = errorTable[code];
    const sighting = await scenario();

    expect(sighting.code).toBe(code);
    // The verdict on a receipt stands in a list of verdicts, whose status says nothing of it.
    if (party === 'server') expect(sighting.http).toBe(code.startsWith('receipt_') ? undefined : http);
    if (party === 'touchpoint') expect(sighting.ble).toBe(ble);
    if (sighting.title !== undefined) expect(sighting.title.startsWith(title)).toBe(true);
    // A party may know better what to do than the table does; it never knows nothing.
    if (sighting.advice !== undefined) expect(sighting.advice).toMatch(/^[A-Z].*\.$/s);
    if (sighting.http !== undefined) expect(sighting.advice).toBe(advice);
    expect(sighting.after).toEqual(sighting.before);
  });
});
