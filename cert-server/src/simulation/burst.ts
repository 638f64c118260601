/** Sends what was drawn to the servers at one time, lets a server die or not, and holds what became of it against the model. */
import assert from 'node:assert/strict';
import { bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import type { Decision } from '../store/records.js';
import type { ReceiptVerdict } from '../store/store-port.js';
import { OperationDrawing } from './draw-operations.js';
import type { Answer } from './ledger.js';
import { answerOf, type Delivery, describeOperation, type Operation, start, timeOf } from './operation.js';
import type { Simulated } from './simulated.js';

/** Just recorded: the sequence says in which order. */
type Fresh = { readonly sequence: number; readonly decision: Decision };

type Settled = PromiseSettledResult<unknown>;

type Ending = 'answered' | 'dies inside the write' | 'dies before the answers';

const PAGE = 500;

export class Burst {
  readonly #simulated: Simulated;
  readonly #drawing: OperationDrawing;
  #sequence = 0;
  crashes = 0;

  constructor(simulated: Simulated) {
    this.#simulated = simulated;
    this.#drawing = new OperationDrawing(simulated);
  }

  async run(): Promise<void> {
    const { chance, disk, note, world } = this.#simulated;
    const operations = await this.#drawing.next();
    const ending = this.#ending();
    for (const operation of operations) note(`${ending}: ${describeOperation(operation)}`);
    const last = operations.findLastIndex((operation) => 'asking' in operation);
    const struck = ending === 'dies inside the write' ? chance.whole(0, last) : -1;
    const when = chance.pick(['decided', 'written'] as const);
    const answers = await Promise.allSettled(
      operations.map((operation, i) => {
        const where = { store: this.#drawing.store(), programme: world.programme };
        const isStruck = i === struck && disk.photograph !== undefined;
        return start(operation, where, isStruck ? { when, crash: disk.photograph } : undefined);
      }),
    );
    const isLost = ending !== 'answered';
    if (isLost) {
      this.crashes += 1;
      await disk.restart();
    }
    await this.#check(operations, isLost ? undefined : answers);
  }

  #ending(): Ending {
    const { chance, disk } = this.#simulated;
    if (!chance.often(0.02)) return 'answered';
    return disk.photograph !== undefined && chance.often(0.5)
      ? 'dies inside the write'
      : 'dies before the answers';
  }

  async #check(operations: readonly Operation[], answers: readonly Settled[] | undefined): Promise<void> {
    const { disk, ledger } = this.#simulated;
    const fresh = await this.#freshRecords(answers?.map(answerOf));
    const rows = operations.map((operation, i) => ({ operation, answer: answers?.[i] }));
    const order = ({ operation }: (typeof rows)[number]): number => {
      if (!('asking' in operation)) return 0;
      const { ask, nowMs } = operation.asking;
      const found = fresh.get(bytesToHex(ask.transactionId));
      return found?.decision.decidedAtMs === nowMs ? found.sequence : Number.POSITIVE_INFINITY;
    };
    if (!disk.isOrdered) rows.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
    for (const { operation, answer } of rows) {
      if ('delivery' in operation) {
        await this.#checkDelivery(operation.delivery, answer);
        continue;
      }
      const transaction = bytesToHex(operation.asking.ask.transactionId);
      const recorded = fresh.get(transaction)?.decision ?? ledger.decisions.get(transaction);
      ledger.check(operation.asking, answerOf(answer), recorded);
    }
    if (answers !== undefined) checkEachOnce(operations, answers, fresh);
    if (!disk.isOrdered) await this.#noteFreed(operations);
  }

  /** What was recorded since the last time. One server tells it in its answers; whether they are true is checked at the end. */
  async #freshRecords(answers: readonly Answer[] | undefined): Promise<Map<string, Fresh>> {
    const { disk, world, store } = this.#simulated;
    const fresh = new Map<string, Fresh>();
    const add = (decision: Decision): void => {
      this.#sequence += 1;
      fresh.set(bytesToHex(decision.transactionId), { sequence: this.#sequence, decision });
    };
    if (disk.isOrdered && answers !== undefined) {
      for (const answer of answers) {
        if (answer !== undefined && 'decision' in answer && !answer.recordedBefore) add(answer.decision);
      }
      return fresh;
    }
    const query = { after: this.#sequence, countMax: PAGE, refusals: true, newestFirst: false };
    for (const { decision } of await store().listDecisions(world.programme, query)) add(decision);
    return fresh;
  }

  async #checkDelivery({ box, receipts, nowMs }: Delivery, answer: Settled | undefined): Promise<void> {
    const { chance, ledger, store, world } = this.#simulated;
    if (answer?.status === 'rejected') throw answer.reason;
    const verdicts = answer?.value as readonly ReceiptVerdict[] | undefined;
    for (const [i, receipt] of receipts.entries()) {
      const expected = box.verdictOf(receipt);
      if (verdicts === undefined) {
        const recorded = await store().findDecision(world.programme, receipt.transactionId);
        if (expected !== 'stored' || recorded?.receipt?.counter !== receipt.counter) continue;
      } else {
        assert.equal(verdicts[i], expected, `receipt ${receipt.counter} of ${box.name}`);
      }
      if (expected === 'stored') {
        box.noteStored(receipt);
        ledger.model.settle(bytesToHex(receipt.transactionId), receipt.outcome, nowMs);
      }
      if (chance.often(0.8)) box.toDeliver.splice(box.toDeliver.indexOf(receipt), 1);
    }
  }

  /** Of holds that were over by the clock of somebody who asked, some are free on record by now. */
  async #noteFreed(operations: readonly Operation[]): Promise<void> {
    const { ledger, store, world } = this.#simulated;
    for (const grant of ledger.model.endedHolds(Math.max(...operations.map(timeOf)))) {
      const id = hexToBytes(grant.transaction, 16) ?? new Uint8Array();
      const recorded = await store().findDecision(world.programme, id);
      if (recorded?.hold === 'released') grant.state = 'released';
    }
  }
}

/** Of all the copies of a transaction one is the first. */
function checkEachOnce(
  operations: readonly Operation[],
  answers: readonly Settled[],
  fresh: ReadonlyMap<string, Fresh>,
): void {
  const firsts = operations.flatMap((operation, i) => {
    const answer = answerOf(answers[i]);
    const isFirst = answer !== undefined && 'decision' in answer && !answer.recordedBefore;
    return 'asking' in operation && isFirst ? [bytesToHex(operation.asking.ask.transactionId)] : [];
  });
  assert.deepEqual(firsts.sort(), [...fresh.keys()].sort(), 'each transaction is recorded once');
}
