/** The counters, counted again from the vouchers and receipts on record; docs/limits.md lists the keys. */
import assert from 'node:assert/strict';
import type { DecisionData, StoredData } from './data-reader.js';

/** What a grant of an offer adds to: amounts by key, in the order of its limits. */
export type Scopes = (grant: DecisionData) => Readonly<Record<string, number>>;

type State = 'spent' | 'held' | 'released';

/** By the box's own word; where it has said nothing, its places are held until they are freed. */
function stateOf(grant: DecisionData, holdStates: ReadonlyMap<string, string>): State {
  if (grant.holdEndsAtMs === null) return 'spent';
  if (grant.outcome !== null) return grant.outcome === 'failed' ? 'released' : 'spent';
  const state = holdStates.get(grant.transaction);
  assert.ok(state === 'held' || state === 'released', `${grant.transaction} has no hold`);
  return state;
}

export type OfferCount = { readonly granted: number; readonly used: number; readonly held: number };

/**
 * @param scopesOf by offer
 * @returns by offer: vouchers, and what of them counts
 * @throws AssertionError where a counter is not what the vouchers make it
 */
export function assertRecount(
  data: StoredData,
  scopesOf: ReadonlyMap<string, Scopes>,
): ReadonlyMap<string, OfferCount> {
  const holdStates = new Map(data.holds.map(({ transaction, state }) => [transaction, state]));
  const sums = new Map<string, { used: number; held: number }>();
  const offers = new Map<string, { granted: number; used: number; held: number }>();
  const rows = new Map<string, Map<string, number>>();
  for (const { transaction, key, amount } of data.holds) {
    const ofGrant = rows.get(transaction) ?? new Map<string, number>();
    rows.set(transaction, ofGrant.set(key, amount));
  }
  for (const grant of data.decisions) {
    if (grant.granted === 0) continue;
    const scopes = { [`offer/${grant.offer}|grants`]: 1, ...scopesOf.get(grant.offer)?.(grant) };
    const state = stateOf(grant, holdStates);
    const count = offers.get(grant.offer) ?? { granted: 0, used: 0, held: 0 };
    offers.set(grant.offer, count);
    count.granted += 1;
    if (state === 'spent') count.used += 1;
    if (state === 'held') count.held += 1;
    for (const [key, amount] of Object.entries(scopes)) {
      const sum = sums.get(key) ?? { used: 0, held: 0 };
      sums.set(key, sum);
      if (state === 'spent') sum.used += amount;
      if (state === 'held') sum.held += amount;
    }
    if (grant.holdEndsAtMs !== null) {
      assert.deepEqual(Object.fromEntries(rows.get(grant.transaction) ?? []), scopes, 'what the grant holds');
      assert.equal(holdStates.get(grant.transaction), state, `hold of ${grant.transaction}`);
    }
  }
  const told = data.counters.filter(({ used, held }) => used !== 0 || held !== 0);
  const expected = [...sums].filter(([, { used, held }]) => used !== 0 || held !== 0);
  assert.deepEqual(
    Object.fromEntries(told.map(({ key, used, held }) => [key, { used, held }])),
    Object.fromEntries(expected),
    'counters are the recount of the vouchers',
  );
  assertEachOnce(data);
  return offers;
}

/** Each transaction once, in sequences without a gap. */
function assertEachOnce({ decisions }: StoredData): void {
  assert.equal(new Set(decisions.map(({ transaction }) => transaction)).size, decisions.length);
  assert.deepEqual(
    decisions.map(({ sequence }) => sequence),
    decisions.map((_, i) => i + 1),
    'sequences without a gap',
  );
}
