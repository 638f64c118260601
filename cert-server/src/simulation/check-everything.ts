/** What must hold at the end of a simulated world: the record is what the phones were told, and the counters are its recount. */
import assert from 'node:assert/strict';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { HoldState, RecordedDecision } from '../store/records.js';
import { totalTally } from './model-limits.js';
import { look } from './operator-steps.js';
import { modelParty, type Simulated } from './simulated.js';
import type { CounterRow } from './simulated-disk.js';

const PAGE = 500;
const RELEASED_AT_ONCE = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Counters outlive their period by this. */
const COUNTER_KEPT_MS = 7 * DAY_MS;

const holdStates = { counted: 'spent', held: 'held', released: 'released' } as const;

async function allDecisions({ store, world }: Simulated): Promise<RecordedDecision[]> {
  const all: RecordedDecision[] = [];
  for (;;) {
    const query = { after: all.at(-1)?.sequence ?? 0, countMax: PAGE, refusals: true, newestFirst: false };
    const page = await store().listDecisions(world.programme, query);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** Acknowledged = recorded; in the order of the record, without a gap, each transaction once. */
async function checkRecord(simulated: Simulated): Promise<void> {
  const { ledger, world } = simulated;
  const recorded = await allDecisions(simulated);
  assert.deepEqual(
    recorded.map(({ decision }) => decision),
    [...ledger.decisions.values()],
    'the record is what was answered',
  );
  assert.deepEqual(
    recorded.map(({ sequence }) => sequence),
    recorded.map((_, i) => i + 1),
  );
  for (const { decision, hold, receipt } of recorded) {
    const transaction = bytesToHex(decision.transactionId);
    const grant = ledger.model.find(transaction);
    assert.equal(decision.granted, grant !== undefined, transaction);
    const expected: HoldState | undefined =
      grant?.holdEndsAtMs === undefined ? undefined : holdStates[grant.state];
    assert.equal(hold, expected, `hold of ${transaction}`);
    const hasReceipt = world.boxes.some((box) => box.hasReceiptOf(transaction));
    assert.equal(receipt !== undefined, hasReceipt, `receipt of ${transaction}`);
  }
}

type Sum = {
  used: number;
  held: number /** Latest of its increments; undefined: never. */;
  resetsAtMs: number | undefined;
};

/** The increments that stand in the record, added up. */
function recount({ ledger }: Simulated): Map<string, Sum & { readonly isRolling: boolean }> {
  const sums = new Map<string, Sum & { isRolling: boolean }>();
  for (const [transaction, increments] of ledger.increments) {
    const state = ledger.model.find(transaction)?.state;
    for (const { key, amount, resetsAtMs, windowMs } of increments) {
      const sum = sums.get(key) ?? { used: 0, held: 0, resetsAtMs: 0, isRolling: windowMs !== undefined };
      if (state === 'counted') sum.used += amount;
      if (state === 'held') sum.held += amount;
      sum.resetsAtMs =
        resetsAtMs === undefined || sum.resetsAtMs === undefined
          ? undefined
          : Math.max(resetsAtMs, sum.resetsAtMs);
      sums.set(key, sum);
    }
  }
  return sums;
}

/** Row by row: no counter has more or less than the record gives it, and none is without a grant. */
async function checkCounters(simulated: Simulated): Promise<void> {
  const { clock, disk, ledger, world } = simulated;
  const sums = recount(simulated);
  const rows = new Map(
    (await disk.counterRows(world.programme)).map((row): [string, CounterRow] => [row.key, row]),
  );
  for (const [key, { used, held }] of rows) {
    if (!sums.has(key)) assert.deepEqual({ key, used, held }, { key, used: 0, held: 0 });
  }
  for (const [key, { used, held, resetsAtMs, isRolling }] of sums) {
    const row = rows.get(key);
    const mayBeForgotten = resetsAtMs !== undefined && resetsAtMs < clock.latestMs - COUNTER_KEPT_MS;
    assert.equal(row?.held ?? 0, held, `held of ${key}`);
    // The total of a rolling limit begins again where all of it was forgotten: the limits themselves are asked below.
    if (isRolling && ledger.hasPruned) continue;
    // Forgotten, or begun anew by a receipt that came months after the period.
    if (mayBeForgotten && ledger.hasPruned) assert.ok((row?.used ?? 0) <= used, `used of ${key}`);
    else assert.equal(row?.used ?? 0, used, `used of ${key}`);
  }
}

/** What boxes are told: up to where the server has their receipts. */
async function checkBoxes({ world, store }: Simulated): Promise<void> {
  for (const box of world.boxes) {
    const record = await store().findBox(world.programme, box.id);
    assert.equal(record?.receiptsThrough, box.receiptsThrough, `receipts of ${box.name}`);
  }
}

async function checkOffers(simulated: Simulated): Promise<void> {
  const { chance, clock, ledger, world, store } = simulated;
  for (const [id, { version, paused }] of ledger.model.offers) {
    const record = await store().findOffer(world.programme, id);
    const granted = ledger.model.used({ tally: totalTally(id), windowMs: undefined }, clock.nowMs);
    assert.deepEqual(
      { offer: record?.offer, paused: record?.paused, granted: record?.granted },
      { offer: version, paused, granted },
    );
    for (const shopper of world.shoppers) {
      const party = modelParty(shopper, chance.pick(world.boxes));
      await look(simulated, id, party, clock.nowMs + chance.pick([0, HOUR_MS, DAY_MS]));
    }
  }
}

export async function checkEverything(simulated: Simulated): Promise<void> {
  const { clock, ledger, store } = simulated;
  await checkRecord(simulated);
  await checkCounters(simulated);
  await checkBoxes(simulated);
  const ended = await store().releaseEndedHolds(clock.nowMs, RELEASED_AT_ONCE);
  assert.equal(ended, ledger.model.endAllHolds(clock.nowMs), 'grants whose hold has ended at the end');
  await checkOffers(simulated);
  // The last hold ends, and all that is left is what counts.
  const endMs = clock.latestMs + 31 * DAY_MS;
  assert.equal(await store().releaseEndedHolds(endMs, RELEASED_AT_ONCE), ledger.model.endAllHolds(endMs));
  await checkCounters(simulated);
}
