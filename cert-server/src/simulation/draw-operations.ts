/** Draws what reaches the servers at one time: new requests, retries, copies, replayed hellos, and receipts in any order. */
import assert from 'node:assert/strict';
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { partyOf } from '../redeem/party-of.js';
import type { RedeemOutcome, Store } from '../store/store-port.js';
import type { Ask, Asking } from './ledger.js';
import type { Operation } from './operation.js';
import { modelParty, type Simulated } from './simulated.js';

export class OperationDrawing {
  readonly #simulated: Simulated;
  readonly #asks: Ask[] = [];
  /** By transaction: two copies of one may be decided on two servers. */
  readonly #outcomes = new Map<string, RedeemOutcome[]>();
  /** The one server that is asked, or else the one time that all of them see. */
  #oneStore: Store | undefined;
  #clockMs: number | undefined;

  constructor(simulated: Simulated) {
    this.#simulated = simulated;
  }

  /** Several servers whose clocks differ may free a hold before or after another one looks: that is not to be told afterwards. */
  #chooseServers(): void {
    const { chance, clock, disk, store } = this.#simulated;
    const isOne = disk.isOrdered || chance.often(0.5);
    this.#oneStore = isOne ? store() : undefined;
    this.#clockMs = isOne ? undefined : clock.seen(chance);
  }

  /** For the next of the operations. */
  store(): Store {
    return this.#oneStore ?? this.#simulated.store();
  }

  #now(): number {
    const { chance, clock } = this.#simulated;
    return this.#clockMs ?? clock.seen(chance);
  }

  #newAsk(): Ask {
    const { chance, world, ledger } = this.#simulated;
    // Of a grant; or of one that is just being asked for, where one server says in which order.
    const recent = this.#oneStore === undefined ? [] : this.#asks.slice(-2);
    const replayable = [...[...ledger.nonces.values()].map(({ ask }) => ask), ...recent];
    const replayed = replayable.length > 0 && chance.often(0.05) ? chance.pick(replayable) : undefined;
    const { version } = chance.pick([...ledger.model.offers.values()]);
    return {
      transactionId: chance.bytes(16),
      shopper: chance.pick(world.shoppers),
      box: replayed?.box ?? chance.pick(world.boxes),
      boxNonce: replayed?.boxNonce ?? chance.bytes(16),
      offer: chance.often(0.02) ? 'none' : version.id,
      // What the phone was shown may be of the version before.
      amountMinor: chance.often(0.03) ? version.amountMinor + 1 : version.amountMinor,
    };
  }

  #nextAsk(): Ask {
    const { chance } = this.#simulated;
    if (this.#asks.length > 0 && chance.often(0.15)) {
      return chance.pick(chance.often(0.5) ? this.#asks.slice(-1) : this.#asks);
    }
    const ask = this.#newAsk();
    this.#asks.push(ask);
    return ask;
  }

  async #asking(ask: Ask): Promise<Asking> {
    const { chance, world, store } = this.#simulated;
    const party = modelParty(ask.shopper, ask.box);
    if (chance.often(0.2)) {
      const phone = await store().findPhone(world.programme, ask.shopper.phoneId);
      const box = await store().findBox(world.programme, ask.box.id);
      assert.deepEqual(phone && box && partyOf(phone, box), party, 'labels and zones on record');
    }
    const transaction = bytesToHex(ask.transactionId);
    const outcomes = this.#outcomes.get(transaction) ?? [];
    this.#outcomes.set(transaction, outcomes);
    return { ask, nowMs: this.#now(), party, outcomes };
  }

  #delivery(): Operation | undefined {
    const { chance, world } = this.#simulated;
    const box = chance.pick(world.boxes);
    const receipts = chance.shuffled(chance.some(box.toDeliver, chance.whole(1, 3)));
    return receipts.length === 0 ? undefined : { delivery: { box, receipts, nowMs: this.#now() } };
  }

  /** Boxes act on vouchers that they were shown; now and then one is made to say something twice. */
  #act(): void {
    const { chance, ledger, world, note } = this.#simulated;
    const grants = [...ledger.decisions.values()].filter((decision) => decision.granted);
    if (grants.length === 0) return;
    const { transactionId, boxId } = chance.pick(grants);
    const box = world.boxes.find(({ id }) => equalBytes(id, boxId));
    if (box === undefined) throw new Error('a grant at no box');
    const isMade =
      box.hasReceiptOf(bytesToHex(transactionId)) ||
      box.toDeliver.some((receipt) => equalBytes(receipt.transactionId, transactionId));
    if (isMade && chance.often(0.95)) return;
    const outcome = chance.pick(['actuated', 'actuated', 'failed', 'interrupted'] as const);
    box.makeReceipt(transactionId, outcome);
    note(`${box.name} ${outcome} ${bytesToHex(transactionId)}`);
  }

  async next(): Promise<Operation[]> {
    const { chance, disk } = this.#simulated;
    this.#chooseServers();
    this.#outcomes.clear();
    const operations: Operation[] = [];
    for (let count = chance.whole(1, 6); count > 0; count--) {
      if (chance.often(0.4)) this.#act();
      const delivery = chance.often(0.25) ? this.#delivery() : undefined;
      if (delivery === undefined) operations.push({ asking: await this.#asking(this.#nextAsk()) });
      else if (disk.isOrdered) operations.push(delivery);
      // Receipts and requests that several servers take at once have no order that could be told afterwards.
      else if (operations.length === 0) return [delivery];
    }
    return operations;
  }
}
