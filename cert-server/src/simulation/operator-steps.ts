/** What happens beside the taps: offers and labels change, holds are released, the server tidies up, someone looks. */
import assert from 'node:assert/strict';
import { hexToBytes } from '@tapseal/shared/bytes';
import { counterQueriesOf, countersOf } from '../decision/counters.js';
import { decide } from '../decision/decide.js';
import type { Party } from '../decision/offer.js';
import type { ModelVerdict } from './model.js';
import { changedOffer, MERCHANTS, TIERS } from './random-offer.js';
import { modelParty, type Simulated } from './simulated.js';
import { auditOf, newVersionOf, randomLabels } from './simulated-world.js';

const RELEASED_AT_ONCE = 1_000;

async function changeOffer({ chance, clock, ledger, world, store, note }: Simulated): Promise<void> {
  const offer = chance.pick([...ledger.model.offers.values()]);
  const names = world.boxes.map(({ name }) => name);
  const version = changedOffer(chance, offer.version, names);
  const audit = auditOf(clock.nowMs, version.id);
  assert.equal(await store().addOfferVersion(world.programme, newVersionOf(version), audit), 'added');
  offer.version = version;
  note(`changed: ${JSON.stringify(version)}`);
}

async function pauseOffer({ chance, clock, ledger, world, store, note }: Simulated): Promise<void> {
  const offer = chance.pick([...ledger.model.offers.values()]);
  offer.paused = !offer.paused && chance.often(0.5);
  const { id } = offer.version;
  assert.ok(await store().setOfferPaused(world.programme, id, offer.paused, auditOf(clock.nowMs, id)));
  note(`${id} is ${offer.paused ? '' : 'not '}paused`);
}

/** Those that are given, and none of the others. */
function labelChange(label: string, labels: Readonly<Record<string, string>>): Record<string, string | null> {
  return { [label]: labels[label] ?? null };
}

async function labelShopper({ chance, clock, world, store, note }: Simulated): Promise<void> {
  const one = chance.pick(world.shoppers);
  one.labels = randomLabels(chance, 'tier', TIERS);
  const audit = auditOf(clock.nowMs, one.shopper);
  const change = labelChange('tier', one.labels);
  assert.equal(await store().labelShopper(world.programme, one.shopper, change, audit), 'changed');
  note(`${one.shopper} is ${JSON.stringify(one.labels)}`);
}

async function labelTouchpoint({ chance, clock, world, store, note }: Simulated): Promise<void> {
  const box = chance.pick(world.boxes);
  box.labels = randomLabels(chance, 'merchant', MERCHANTS);
  const change = { labels: labelChange('merchant', box.labels) };
  const audit = auditOf(clock.nowMs, box.name);
  assert.equal(await store().changeTouchpoint(world.programme, box.name, change, audit), 'changed');
  note(`${box.name} is ${JSON.stringify(box.labels)}`);
}

async function releaseHold({ chance, clock, ledger, world, store, note }: Simulated): Promise<void> {
  const held = [...ledger.decisions].filter(([, decision]) => decision.granted && decision.holdEndsAtMs);
  const [transaction] = held.length > 0 && chance.often(0.9) ? chance.pick(held) : [undefined];
  const id = transaction === undefined ? chance.bytes(16) : hexToBytes(transaction, 16);
  if (id === undefined) throw new Error('no transaction id');
  const expected = transaction === undefined ? 'unknown' : ledger.model.release(transaction);
  const audit = auditOf(clock.nowMs, transaction ?? 'none');
  note(`release of ${transaction}`);
  assert.equal(await store().releaseHold(world.programme, id, audit), expected, `release of ${transaction}`);
}

async function upkeep({ clock, ledger, store, note }: Simulated): Promise<void> {
  note('upkeep');
  const count = await store().releaseEndedHolds(clock.nowMs, RELEASED_AT_ONCE);
  assert.equal(count, ledger.model.endAllHolds(clock.nowMs), 'grants whose hold has ended');
}

async function prune({ clock, ledger, store, note }: Simulated): Promise<void> {
  note('prune');
  await store().prune(clock.nowMs);
  ledger.notePruned(clock.nowMs);
}

/** What a dry run says: as the next request would be answered, and nothing changes. */
export async function look(
  simulated: Simulated,
  offerId: string,
  party: Party,
  nowMs: number,
): Promise<void> {
  const { ledger, world, store } = simulated;
  const offer = ledger.model.offers.get(offerId);
  if (offer === undefined) throw new Error(`no offer ${offerId}`);
  if (offer.paused || !offer.version.touchpoints.includes(party.touchpoint)) return;
  const { version } = offer;
  const queries = counterQueriesOf(version, countersOf(version, party, nowMs));
  const used = await store().readCounters(world.programme, queries, nowMs);
  const verdict = decide(version, { party, used }, nowMs);
  const request = { transaction: '', party, offer: version.id, amountMinor: version.amountMinor, nowMs };
  const said: ModelVerdict = verdict.granted
    ? { granted: true, awardedMinor: verdict.awardedMinor, holdEndsAtMs: verdict.holdEndsAtMs }
    : {
        granted: false,
        code: verdict.code,
        used: verdict.used,
        maximum: verdict.maximum,
        resetsAtMs: verdict.resetsAtMs,
      };
  assert.deepEqual(
    said,
    ledger.model.judge(request),
    `dry run of ${version.id} at ${nowMs}: ${JSON.stringify(party)}`,
  );
}

async function lookAround(simulated: Simulated): Promise<void> {
  const { chance, clock, ledger, world } = simulated;
  const { version } = chance.pick([...ledger.model.offers.values()]);
  const party = modelParty(chance.pick(world.shoppers), chance.pick(world.boxes));
  await look(simulated, version.id, party, clock.nowMs);
}

export function operatorSteps(simulated: Simulated): readonly (() => Promise<void>)[] {
  const steps = [
    ...[changeOffer, changeOffer, pauseOffer, labelShopper, labelTouchpoint, releaseHold, releaseHold],
    ...[upkeep, prune, lookAround, lookAround],
  ];
  return steps.map((step) => () => step(simulated));
}
