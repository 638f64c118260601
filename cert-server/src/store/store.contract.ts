/** What every store must do, run on a given one. A second store is tested by calling this with its factory. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { totalKey } from '../decision/counters.js';
import {
  addBox,
  addPhone,
  anchor,
  audit,
  bytes,
  fillStore,
  newOffer,
  receipt,
  redeem,
  sign,
  T,
  transaction,
} from '../testing/test-store.js';
import { countersContract } from './counters.contract.js';
import { gatheringContract } from './gathering.contract.js';
import { holdsContract } from './holds.contract.js';
import { labelsContract } from './labels.contract.js';
import { offersContract } from './offers.contract.js';
import { recountContract } from './recount.contract.js';
import type { Store } from './store-port.js';

const DAY_MS = 86_400_000;
const total = totalKey('offer');
const listing = { after: 0, countMax: 100, refusals: true, newestFirst: false };

/** @param open an empty store; called once for each test */
export function storeContract(name: string, open: () => Promise<Store> | Store): void {
  describe(name, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
      await fillStore(store);
    });
    afterEach(() => store.close());

    const theStore = () => store;
    offersContract(theStore);
    labelsContract(theStore);
    gatheringContract(theStore);
    countersContract(theStore);
    holdsContract(theStore);
    recountContract(theStore);

    test('a programme is added once, with a manifest of version 1', async () => {
      const programme = { id: 'venue', title: 'again', timeZone: 'UTC', currency: 'EUR', createdAtMs: T };
      expect(await store.addProgramme(programme, sign, audit('venue'))).toBe(false);
      expect((await store.listProgrammes()).map(({ id }) => id)).toEqual(['other', 'venue']);
      expect(await store.findManifest('venue')).toEqual({ version: 1, bytes: Uint8Array.of(1) });
      expect(await store.findManifest('nowhere')).toBeUndefined();
    });

    test('what belongs to one programme is unknown to another, also where the names are the same', async () => {
      await redeem(store, { id: 7 });
      await addBox(store, 'other', 'lobby-1', 2);
      await store.addOffer('other', newOffer({ title: 'Another' }), audit('offer'));
      expect(await store.findBox('other', bytes(8, 1))).toBeUndefined();
      expect(await store.findPhone('other', bytes(16, 1))).toBeUndefined();
      expect(await store.findShopper('other', 'shopper-1')).toBeUndefined();
      expect(await store.listPhones('other', undefined, 9)).toEqual([]);
      expect(await store.findOffer('other', 'offer')).toMatchObject({
        offer: { title: 'Another' },
        granted: 0,
      });
      expect(await store.listOfferVersions('other', 'offer', { countMax: 9 })).toMatchObject([
        { offer: { title: 'Another' } },
      ]);
      expect(await store.findDecision('other', transaction(7))).toBeUndefined();
      expect(await store.findRotatingId('other', bytes(8, 1))).toBeUndefined();
      expect(await store.listDecisions('other', listing)).toEqual([]);
      expect(await store.lastSequence('other')).toBe(0);
      expect(await store.readCounters('other', [{ key: total }], T)).toEqual(
        new Map([[total, { used: 0, held: 0 }]]),
      );
      expect(await store.releaseHold('other', transaction(7), audit('grant'))).toBe('unknown');
      // The same transaction and the same nonce are new there, and count from zero.
      expect(await redeem(store, { id: 7, programme: 'other' })).toMatchObject({
        recordedBefore: false,
        decision: { granted: true },
      });
      expect(await store.lastSequence('other')).toBe(1);
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
    });

    test('an enrolment code is used up once, and not after its time', async () => {
      const code = { secretHash: bytes(32, 9), expiresAtMs: T + 10 };
      await store.addEnrolmentCode('venue', 'lobby-1', code, audit('lobby-1'));
      const window = { anchor: anchor(0), ids: [], refreshAtMs: undefined };
      const box = { id: bytes(8, 9), certificate: bytes(9, 9), enrolledAtMs: T + 10, window };
      expect(await store.enrolBox(code.secretHash, box, sign)).toBe(false);
      expect(await store.enrolBox(code.secretHash, { ...box, enrolledAtMs: T + 9 }, sign)).toBe(true);
      expect(await store.enrolBox(code.secretHash, { ...box, enrolledAtMs: T + 9 }, sign)).toBe(false);
      expect(await store.findEnrolmentCode(code.secretHash)).toMatchObject({ usedAtMs: T + 9 });
    });

    test('a new code closes the open one', async () => {
      const first = { secretHash: bytes(32, 9), expiresAtMs: T + 10 };
      await store.addEnrolmentCode('venue', 'lobby-1', first, audit('lobby-1'));
      await store.addEnrolmentCode(
        'venue',
        'lobby-1',
        { ...first, secretHash: bytes(32, 10) },
        audit('lobby-1'),
      );
      expect(await store.findEnrolmentCode(first.secretHash)).toBeUndefined();
      expect(await store.addEnrolmentCode('venue', 'nowhere', first, audit('nowhere'))).toBe(false);
    });

    test('a box that is replaced is revoked, and the manifest says so', async () => {
      const code = { secretHash: bytes(32, 9), expiresAtMs: T + 10 };
      await store.addEnrolmentCode('venue', 'lobby-1', code, audit('lobby-1'));
      const window = { anchor: anchor(0), ids: [], refreshAtMs: undefined };
      await store.enrolBox(
        code.secretHash,
        { id: bytes(8, 9), certificate: bytes(9, 9), enrolledAtMs: T, window },
        sign,
      );
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ revokedReason: 'replaced' });
      expect(await store.findRotatingId('venue', bytes(8, 1))).toBeUndefined();
      expect(await store.findManifest('venue')).toEqual({ version: 2, bytes: Uint8Array.of(2, 1) });
      expect((await store.findTouchpoint('venue', 'lobby-1'))?.box?.id).toEqual(bytes(8, 9));
    });

    test('a revoked touchpoint: manifest, codes and rotating IDs follow at once', async () => {
      expect(await store.revokeTouchpoint('venue', 'lobby-1', 'stolen', sign, audit('lobby-1'))).toBe(true);
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({
        revokedAtMs: T,
        revokedReason: 'stolen',
      });
      expect(await store.findManifest('venue')).toEqual({ version: 2, bytes: Uint8Array.of(2, 1) });
      expect(await store.findRotatingId('venue', bytes(8, 1))).toBeUndefined();
      expect(await store.dueWindows(T + 1_000, 10)).toEqual([]);
      expect(await store.revokeTouchpoint('venue', 'lobby-1', 'stolen', sign, audit('lobby-1'))).toBe(false);
    });

    test('a window moves forward with its anchor, never back', async () => {
      const id = (fill: number) => ({ rotatingId: bytes(8, fill), epoch: 2, advertKey: bytes(32, fill) });
      await store.moveWindow('venue', bytes(8, 1), {
        anchor: anchor(2_048),
        ids: [{ ...id(21), epoch: 3 }, id(20)],
        refreshAtMs: T + 900,
      });
      await store.moveWindow('venue', bytes(8, 1), { anchor: anchor(1_024), ids: [id(30)], refreshAtMs: T });
      expect(await store.findRotatingId('venue', bytes(8, 1))).toBeUndefined();
      expect(await store.findRotatingId('venue', bytes(8, 30))).toBeUndefined();
      expect(await store.findRotatingId('venue', bytes(8, 20))).toEqual({
        boxId: bytes(8, 1),
        advertKey: bytes(32, 20),
      });
      expect(await store.dueWindows(T + 899, 10)).toEqual([]);
      expect(await store.dueWindows(T + 900, 10)).toEqual([
        {
          programme: 'venue',
          boxId: bytes(8, 1),
          anchor: anchor(2_048),
          oldest: { epoch: 2, advertKey: bytes(32, 20) },
        },
      ]);
    });

    test('property 29: two phones with one reference are one shopper; a phone keeps its shopper', async () => {
      const first = await addPhone(store, 'venue', 2, bytes(32, 2));
      const second = await addPhone(store, 'venue', 3, bytes(32, 2));
      expect([first, second]).toMatchObject([{ shopper: 'shopper-2' }, { shopper: 'shopper-2' }]);
      expect(await addPhone(store, 'venue', 2)).toMatchObject({ shopper: 'shopper-2' });
      expect(await addPhone(store, 'venue', 2, bytes(32, 4))).toBe('conflict');
    });

    test('phones are listed page by page, and revoked once', async () => {
      await addPhone(store, 'venue', 2);
      const [first, ...rest] = await store.listPhones('venue', undefined, 1);
      expect(rest).toEqual([]);
      expect((await store.listPhones('venue', first?.id, 9)).map(({ id }) => id)).toEqual([bytes(16, 2)]);
      expect(await store.revokePhone('venue', bytes(16, 1), 'lost', audit('phone'))).toBe(true);
      expect(await store.revokePhone('venue', bytes(16, 1), 'lost', audit('phone'))).toBe(false);
      expect(await store.findPhone('venue', bytes(16, 1))).toMatchObject({
        revokedAtMs: T,
        revokedReason: 'lost',
      });
    });

    test('a decision is recorded once, and read back as it was', async () => {
      const [counter] = [{ key: total, maximum: 1 }];
      const first = await redeem(store, { id: 7, counters: [counter] });
      expect(first).toMatchObject({ recordedBefore: false, decision: { granted: true, awardedMinor: 200 } });
      const again = await redeem(store, { id: 7, nonce: 8, counters: [{ ...counter, maximum: 0 }] });
      expect(again).toEqual({ decision: first.decision, recordedBefore: true });
      expect(await store.findDecision('venue', transaction(7))).toEqual({
        sequence: 1,
        decision: first.decision,
        receipt: undefined,
        hold: undefined,
      });
      const refused = await redeem(store, { id: 8, counters: [counter] });
      expect(refused.decision).toMatchObject({ granted: false, used: 1, maximum: 1 });
      expect((await store.findDecision('venue', transaction(8)))?.decision).toEqual(refused.decision);
      const unknown = await redeem(store, { id: 9, offer: 'nothing' });
      expect(unknown.decision).toMatchObject({ offerVersion: 0, offerHash: undefined });
      expect((await store.findDecision('venue', transaction(9)))?.decision).toEqual(unknown.decision);
    });

    test('what the decision throws changes nothing', async () => {
      await redeem(store, { id: 7 });
      const onFacts = ({ boxNonceUsed }: { boxNonceUsed: boolean }) => {
        if (boxNonceUsed) throw new TapsealError('box_nonce_used');
      };
      await expect(redeem(store, { id: 8, nonce: 7, onFacts })).rejects.toMatchObject({
        code: 'box_nonce_used',
      });
      expect(await store.findDecision('venue', transaction(8))).toBeUndefined();
      expect(await store.lastSequence('venue')).toBe(1);
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
    });

    test('decisions are listed in both directions, with and without refusals', async () => {
      for (const id of [1, 2, 3]) await redeem(store, { id, counters: [{ key: total, maximum: 2 }] });
      await redeem(store, { id: 4, counters: [{ key: 'another', maximum: 2 }] });
      const list = async (changes: Partial<typeof listing>): Promise<number[]> =>
        (await store.listDecisions('venue', { ...listing, ...changes })).map(({ sequence }) => sequence);
      expect(await list({})).toEqual([1, 2, 3, 4]);
      expect(await list({ refusals: false })).toEqual([1, 2, 4]);
      expect(await list({ after: 1, countMax: 2 })).toEqual([2, 3]);
      expect(await list({ after: 2, countMax: 1, refusals: false })).toEqual([4]);
      expect(await list({ newestFirst: true, countMax: 2 })).toEqual([4, 3]);
      expect(await list({ newestFirst: true, countMax: 2, refusals: false })).toEqual([4, 2]);
    });

    test('receipts: any order, each once; the counter that is complete moves on', async () => {
      for (const id of [1, 2, 3]) await redeem(store, { id });
      const [one, two, three] = [receipt(1, 1, 11, 0), receipt(2, 2, 12, 11), receipt(3, 3, 13, 12)];
      expect(await store.addReceipts('venue', [three, one], T)).toEqual(['stored', 'stored']);
      expect((await store.findBox('venue', bytes(8, 1)))?.receiptsThrough).toBe(1);
      expect(await store.addReceipts('venue', [two, one], T)).toEqual(['stored', 'known']);
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ receiptsThrough: 3, forked: false });
      expect((await store.findTouchpoint('venue', 'lobby-1'))?.receiptsHighest).toBe(3);
      expect((await store.findDecision('venue', transaction(2)))?.receipt).toEqual({
        outcome: 'actuated',
        counter: 2,
        receivedAtMs: T,
      });
      const { decision } = await redeem(store, { id: 4 });
      expect(decision).toMatchObject({ manifestVersion: 1 });
    });

    test.each([
      ['another receipt with the counter', receipt(1, 2, 20, 0)],
      ['another receipt for the voucher', receipt(2, 1, 20, 11)],
      ['a link that does not fit the one before', receipt(2, 2, 20, 99)],
      ['a first receipt with something before it', receipt(0, 2, 20, 0)],
    ])('property 20: %s is a conflict, and marks the box', async (_, second) => {
      for (const id of [1, 2]) await redeem(store, { id });
      expect(await store.addReceipts('venue', [receipt(1, 1, 11, 0)], T)).toEqual(['stored']);
      expect(await store.addReceipts('venue', [second], T)).toEqual(['conflict']);
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ receiptsThrough: 1, forked: true });
      expect((await store.findDecision('venue', transaction(2)))?.receipt).toBeUndefined();
    });

    test('tokens: found by id, listed for their programme, revoked once', async () => {
      const token = {
        programme: 'venue',
        id: '0123456789abcdef',
        role: 'operator' as const,
        label: 'till',
        secretHash: bytes(32, 5),
        createdAtMs: T,
        expiresAtMs: undefined,
        revokedAtMs: undefined,
      };
      await store.addToken(token, audit(token.id));
      expect(await store.findToken(token.id)).toEqual(token);
      expect(await store.listTokens('other')).toEqual([]);
      expect(await store.revokeToken('other', token.id, audit(token.id))).toBe(false);
      expect(await store.revokeToken('venue', token.id, audit(token.id))).toBe(true);
      expect(await store.revokeToken('venue', token.id, audit(token.id))).toBe(false);
      expect((await store.findToken(token.id))?.revokedAtMs).toBe(T);
    });

    test('pruning forgets what is long over, and no decision', async () => {
      const day = { key: 'day', resetsAtMs: T + DAY_MS };
      const rolling = { key: 'rolling', windowMs: DAY_MS };
      await redeem(store, { id: 7, counters: [{ key: total }, day, rolling] });
      const used = async (nowMs: number) =>
        [...(await store.readCounters('venue', [{ key: total }, day, rolling], nowMs)).values()].map(
          (usage) => usage.used,
        );
      await store.prune(T + 7 * DAY_MS);
      expect(await used(T)).toEqual([1, 1, 1]);
      await store.prune(T + 8 * DAY_MS + 1);
      expect(await used(T)).toEqual([1, 0, 0]);
      expect(await store.findEnrolmentCode(bytes(32, 1))).toBeUndefined();
      expect(await store.findDecision('venue', transaction(7))).toBeDefined();
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
      let isNonceUsed = true;
      const onFacts = (facts: { boxNonceUsed: boolean }) => {
        isNonceUsed = facts.boxNonceUsed;
      };
      await redeem(store, { id: 8, nonce: 7, onFacts });
      expect(isNonceUsed).toBe(false);
    });
  });
}
