/** What every store must do, run on a given one. A second store is tested by calling this with its factory. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import type { AuditEntry, Decision, ReceiptRecord } from './records.js';
import type { ManifestSigning, RedeemPlan, Store } from './store-port.js';

const T = 1_780_000_000_000;
const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);
const audit = (object: string): AuditEntry => ({ atMs: T, token: 'token', act: 'test', object });
const sign: ManifestSigning = (_programme, newestVersion, revoked) => {
  const version = newestVersion + 1;
  return { version, bytes: Uint8Array.of(version, ...revoked.map((id) => id[0] ?? 0)) };
};
const anchor = (counterS: number) => ({
  epoch: counterS / 1_024,
  advertKey: bytes(32, 1),
  counterS,
  seenAtMs: T,
});

async function addBox(store: Store, programme: string, name: string, fill: number): Promise<Uint8Array> {
  const [id, secretHash] = [bytes(8, fill), bytes(32, fill)];
  await store.addTouchpoint(
    programme,
    { name, title: name, place: '', createdAtMs: T },
    { secretHash, expiresAtMs: T + 1_000 },
    audit(name),
  );
  const ids = [{ rotatingId: bytes(8, fill), epoch: 0, advertKey: bytes(32, fill) }];
  const window = { anchor: anchor(0), ids, refreshAtMs: T + 500 };
  await store.enrolBox(secretHash, { id, certificate: bytes(9, fill), enrolledAtMs: T, window }, sign);
  return id;
}

function addPhone(store: Store, programme: string, fill: number, reference?: Uint8Array) {
  return store.registerPhone(programme, {
    id: bytes(16, fill),
    algorithm: 'Ed25519',
    certificate: bytes(9, fill),
    registeredAtMs: T,
    shopperReference: reference,
    newShopper: `shopper-${fill}`,
  });
}

/** Grants while `total` is below `maximum`. */
function plan(fill: number, maximum: number, nonceFill = fill): RedeemPlan {
  const fields = {
    transactionId: bytes(16, fill),
    requestHash: bytes(32, fill),
    phoneId: bytes(16, 1),
    shopper: 'shopper-1',
    boxId: bytes(8, 1),
    touchpoint: 'lobby-1',
    boxNonce: bytes(16, nonceFill),
    offer: 'offer',
    offerVersion: 1,
    amountMinor: 0,
    decidedAtMs: T,
    boxManifestVersion: 1,
    voucherKeyId: bytes(4, 1),
  };
  return {
    counterKeys: () => ['total'],
    decide: (facts) => {
      const { manifestVersion, receiptsThrough } = facts;
      const used = facts.used.get('total') ?? 0;
      if (facts.boxNonceUsed) throw new TapsealError('box_nonce_used');
      const decision: Decision =
        used < maximum
          ? { ...fields, manifestVersion, receiptsThrough, granted: true, action: 'open' }
          : {
              ...fields,
              manifestVersion,
              receiptsThrough,
              granted: false,
              code: 'limit_reached',
              rule: 'all',
              used,
              maximum,
              resetsAtMs: T + 1,
            };
      return { decision, increments: decision.granted ? [{ key: 'total' }] : [] };
    },
  };
}

const query = (fill: number, nonceFill = fill) => ({
  programme: 'venue',
  transactionId: bytes(16, fill),
  boxId: bytes(8, 1),
  boxNonce: bytes(16, nonceFill),
  offer: 'offer',
});

const receipt = (counter: number, tx: number, hash: number, previous: number): ReceiptRecord => ({
  boxId: bytes(8, 1),
  counter,
  transactionId: bytes(16, tx),
  outcome: 'actuated',
  bytes: bytes(3, hash),
  hash: bytes(32, hash),
  previousHash: bytes(32, previous),
});

const listing = { after: 0, countMax: 100, refusals: true, newestFirst: false };

/** @param open an empty store; called once for each test */
export function storeContract(name: string, open: () => Promise<Store> | Store): void {
  describe(name, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
      for (const id of ['venue', 'other']) {
        const programme = { id, title: id, timeZone: 'UTC', currency: 'EUR', createdAtMs: T };
        expect(await store.addProgramme(programme, sign, audit(id))).toBe(true);
      }
      await addBox(store, 'venue', 'lobby-1', 1);
      await addPhone(store, 'venue', 1);
      await store.addOffer('venue', { ...testOffer({}), touchpoints: ['lobby-1'] }, audit('offer'));
    });
    afterEach(() => store.close());

    test('a programme is added once, with a manifest of version 1', async () => {
      const programme = { id: 'venue', title: 'again', timeZone: 'UTC', currency: 'EUR', createdAtMs: T };
      expect(await store.addProgramme(programme, sign, audit('venue'))).toBe(false);
      expect((await store.listProgrammes()).map(({ id }) => id)).toEqual(['other', 'venue']);
      expect(await store.findManifest('venue')).toEqual({ version: 1, bytes: Uint8Array.of(1) });
      expect(await store.findManifest('nowhere')).toBeUndefined();
    });

    test('what belongs to one programme is unknown to another', async () => {
      await store.redeem(query(7), plan(7, 9));
      expect(await store.findBox('other', bytes(8, 1))).toBeUndefined();
      expect(await store.findPhone('other', bytes(16, 1))).toBeUndefined();
      expect(await store.findOffer('other', 'offer')).toBeUndefined();
      expect(await store.findDecision('other', bytes(16, 7))).toBeUndefined();
      expect(await store.findRotatingId('other', bytes(8, 1))).toBeUndefined();
      expect(await store.listDecisions('other', listing)).toEqual([]);
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

    test('an offer: name taken, touchpoint unknown, found at its touchpoint, paused', async () => {
      const offer = { ...testOffer({}), touchpoints: ['lobby-1'] };
      expect(await store.addOffer('venue', offer, audit('offer'))).toBe('taken');
      const astray = { ...offer, id: 'second', touchpoints: ['lobby-1', 'nowhere'] };
      expect(await store.addOffer('venue', astray, audit('second'))).toEqual({
        unknownTouchpoint: 'nowhere',
      });
      expect(await store.findOffer('venue', 'second')).toBeUndefined();
      expect((await store.offersAt('venue', 'lobby-1')).map((record) => record.offer)).toEqual([offer]);
      expect(await store.setOfferPaused('venue', 'offer', true, audit('offer'))).toBe(true);
      expect((await store.findOffer('venue', 'offer'))?.paused).toBe(true);
      expect(await store.setOfferPaused('venue', 'nothing', true, audit('nothing'))).toBe(false);
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
      const first = await store.redeem(query(7), plan(7, 1));
      expect(first.recordedBefore).toBe(false);
      const again = await store.redeem(query(7), plan(7, 0));
      expect(again).toEqual({ decision: first.decision, recordedBefore: true });
      expect(await store.findDecision('venue', bytes(16, 7))).toMatchObject({
        sequence: 1,
        decision: first.decision,
      });
      const refused = await store.redeem(query(8), plan(8, 1));
      expect(refused.decision).toMatchObject({ granted: false, used: 1, maximum: 1, resetsAtMs: T + 1 });
      expect((await store.findDecision('venue', bytes(16, 8)))?.decision).toEqual(refused.decision);
      expect(await store.readCounters('venue', 'offer', ['total', 'none'])).toEqual(
        new Map([
          ['total', 1],
          ['none', 0],
        ]),
      );
    });

    test('what the decision throws changes nothing', async () => {
      await store.redeem(query(7), plan(7, 9));
      await expect(store.redeem(query(8, 7), plan(8, 9, 7))).rejects.toMatchObject({
        code: 'box_nonce_used',
      });
      expect(await store.findDecision('venue', bytes(16, 8))).toBeUndefined();
      expect(await store.lastSequence('venue')).toBe(1);
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
    });

    test('200 requests at once on a limit of 100: exactly 100', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) => store.redeem(query(i + 1), plan(i + 1, 100))),
      );
      expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(100);
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(100);
      expect(await store.lastSequence('venue')).toBe(200);
    });

    test('decisions are listed in both directions, with and without refusals', async () => {
      for (const fill of [1, 2, 3]) await store.redeem(query(fill), plan(fill, 2));
      const list = async (changes: Partial<typeof listing>): Promise<number[]> =>
        (await store.listDecisions('venue', { ...listing, ...changes })).map(({ sequence }) => sequence);
      expect(await list({})).toEqual([1, 2, 3]);
      expect(await list({ refusals: false })).toEqual([1, 2]);
      expect(await list({ after: 1, countMax: 1 })).toEqual([2]);
      expect(await list({ newestFirst: true, countMax: 2 })).toEqual([3, 2]);
    });

    test('receipts: any order, each once; the counter that is complete moves on', async () => {
      for (const fill of [1, 2, 3]) await store.redeem(query(fill), plan(fill, 9));
      const [one, two, three] = [receipt(1, 1, 11, 0), receipt(2, 2, 12, 11), receipt(3, 3, 13, 12)];
      expect(await store.addReceipts('venue', [three, one], T)).toEqual(['stored', 'stored']);
      expect((await store.findBox('venue', bytes(8, 1)))?.receiptsThrough).toBe(1);
      expect(await store.addReceipts('venue', [two, one], T)).toEqual(['stored', 'known']);
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ receiptsThrough: 3, forked: false });
      expect((await store.findDecision('venue', bytes(16, 2)))?.receipt).toEqual({
        outcome: 'actuated',
        counter: 2,
        receivedAtMs: T,
      });
    });

    test.each([
      ['another receipt with the counter', receipt(1, 2, 20, 0)],
      ['another receipt for the voucher', receipt(2, 1, 20, 11)],
      ['a link that does not fit the one before', receipt(2, 2, 20, 99)],
      ['a first receipt with something before it', receipt(0, 2, 20, 0)],
    ])('property 20: %s is a conflict, and marks the box', async (_, second) => {
      for (const fill of [1, 2]) await store.redeem(query(fill), plan(fill, 9));
      expect(await store.addReceipts('venue', [receipt(1, 1, 11, 0)], T)).toEqual(['stored']);
      expect(await store.addReceipts('venue', [second], T)).toEqual(['conflict']);
      expect(await store.findBox('venue', bytes(8, 1))).toMatchObject({ receiptsThrough: 1, forked: true });
      expect((await store.findDecision('venue', bytes(16, 2)))?.receipt).toBeUndefined();
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
      await store.redeem(query(7), plan(7, 9));
      await store.prune(T + 40 * 86_400_000);
      expect(await store.findEnrolmentCode(bytes(32, 1))).toBeUndefined();
      expect(await store.findDecision('venue', bytes(16, 7))).toBeDefined();
      expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
    });
  });
}
