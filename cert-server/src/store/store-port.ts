/**
 * The store as a port. Methods return promises, so that a server over a network can be one; but whatever must be exact
 * happens inside one method, which reads first, then calls a synchronous function with all it read, then writes, atomically.
 * `store.contract.ts` is the suite that every store passes.
 */
import type { CounterIncrement, CounterQuery, CounterUsage } from '../decision/counter-usage.js';
import type { OfferVersion } from '../decision/offer.js';
import type {
  AdvertAnchor,
  AdvertKey,
  AdvertWindow,
  AuditEntry,
  BoxRecord,
  Decision,
  EnrolmentCodeRecord,
  ManifestRecord,
  OfferRecord,
  OfferVersionRecord,
  PhoneRecord,
  ProgrammeRecord,
  ReceiptRecord,
  RecordedDecision,
  ShopperRecord,
  TokenRecord,
  TouchpointRecord,
} from './records.js';

/** Signs the manifest of a programme that follows `newestVersion` (0 where there is none); called inside the write that needs it. */
export type ManifestSigning = (
  programme: string,
  newestVersion: number,
  revokedTouchpoints: readonly Uint8Array[],
) => { readonly version: number; readonly bytes: Uint8Array };

export interface ProgrammeStore {
  /** False where the id is taken. */
  addProgramme(programme: ProgrammeRecord, sign: ManifestSigning, audit: AuditEntry): Promise<boolean>;
  findProgramme(id: string): Promise<ProgrammeRecord | undefined>;
  listProgrammes(): Promise<ProgrammeRecord[]>;
  findManifest(programme: string): Promise<ManifestRecord | undefined>;
}

export type NewEnrolmentCode = { readonly secretHash: Uint8Array; readonly expiresAtMs: number };

export type NewBox = Pick<BoxRecord, 'id' | 'certificate' | 'enrolledAtMs'> & {
  readonly window: AdvertWindow;
};

export type TouchpointChange = {
  /** Added to those it has; `null` takes one away. */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** `null`: the zone of the offer or programme again. */
  readonly timeZone?: string | null;
};

export interface TouchpointStore {
  /** False where the name is taken. */
  addTouchpoint(
    programme: string,
    touchpoint: Pick<TouchpointRecord, 'name' | 'title' | 'place' | 'labels' | 'timeZone' | 'createdAtMs'>,
    code: NewEnrolmentCode,
    audit: AuditEntry,
  ): Promise<boolean>;
  findTouchpoint(programme: string, name: string): Promise<TouchpointRecord | undefined>;
  listTouchpoints(programme: string): Promise<TouchpointRecord[]>;
  /** 'labels_full' where it would have more than LABELS_MAX; changes nothing then. */
  changeTouchpoint(
    programme: string,
    name: string,
    change: TouchpointChange,
    audit: AuditEntry,
  ): Promise<'changed' | 'unknown' | 'labels_full'>;
  /** Replaces the codes of the touchpoint that are still open. False where there is no such touchpoint. */
  addEnrolmentCode(
    programme: string,
    name: string,
    code: NewEnrolmentCode,
    audit: AuditEntry,
  ): Promise<boolean>;
  findEnrolmentCode(secretHash: Uint8Array): Promise<EnrolmentCodeRecord | undefined>;
  /** Uses up the code and enrols the box, replacing (and revoking) the one before it. False where the code is not open. */
  enrolBox(secretHash: Uint8Array, box: NewBox, sign: ManifestSigning): Promise<boolean>;
  findBox(programme: string, id: Uint8Array): Promise<BoxRecord | undefined>;
  /** Revokes the box and its open codes, and publishes a manifest. False where none is enrolled and no code is open. */
  revokeTouchpoint(
    programme: string,
    name: string,
    reason: string | undefined,
    sign: ManifestSigning,
    audit: AuditEntry,
  ): Promise<boolean>;
}

export type DueWindow = {
  readonly programme: string;
  readonly boxId: Uint8Array;
  readonly anchor: AdvertAnchor;
  /** Of the window as it is, so that the next one need not begin at the anchor. */
  readonly oldest: AdvertKey | undefined;
};

export interface AdvertStore {
  /** One lookup in an index, whatever is asked for. */
  findRotatingId(
    programme: string,
    rotatingId: Uint8Array,
  ): Promise<{ readonly boxId: Uint8Array; readonly advertKey: Uint8Array } | undefined>;
  /** Of a box that is not revoked: replaces its window; the anchor only moves forward. */
  moveWindow(
    programme: string,
    boxId: Uint8Array,
    window: AdvertWindow,
    hello?: { readonly bootCounter: number; readonly manifestVersion: number },
  ): Promise<void>;
  dueWindows(nowMs: number, countMax: number): Promise<DueWindow[]>;
}

export type NewOfferVersion = Pick<OfferVersionRecord, 'offer' | 'canonical' | 'hash'>;

export interface OfferStore {
  /** The unknown touchpoint is named. */
  addOffer(
    programme: string,
    offer: NewOfferVersion,
    audit: AuditEntry,
  ): Promise<'added' | 'taken' | { readonly unknownTouchpoint: string }>;
  /** The next version: 'conflict' where `offer.version` is not the one after the newest. */
  addOfferVersion(
    programme: string,
    offer: NewOfferVersion,
    audit: AuditEntry,
  ): Promise<'added' | 'unknown' | 'conflict' | { readonly unknownTouchpoint: string }>;
  /** Newest first, at most `countMax`, all before `before` where it is given. */
  listOfferVersions(
    programme: string,
    id: string,
    query: { readonly before?: number | undefined; readonly countMax: number },
  ): Promise<OfferVersionRecord[]>;
  findOffer(programme: string, id: string): Promise<OfferRecord | undefined>;
  listOffers(programme: string): Promise<OfferRecord[]>;
  offersAt(programme: string, touchpoint: string): Promise<OfferRecord[]>;
  /** False where there is no such offer. */
  setOfferPaused(programme: string, id: string, paused: boolean, audit: AuditEntry): Promise<boolean>;
  /** As `redeem` reads them, without counting or changing anything. */
  readCounters(
    programme: string,
    queries: readonly CounterQuery[],
    nowMs: number,
  ): Promise<Map<string, CounterUsage>>;
}

export type NewPhone = Pick<PhoneRecord, 'id' | 'algorithm' | 'certificate' | 'registeredAtMs'> & {
  readonly certificateFacts?: Uint8Array;
  /** HMAC of the app's reference of its shopper. */
  readonly shopperReference: Uint8Array | undefined;
  /** The id that the shopper gets where it is new. */
  readonly newShopper: string;
};

export interface PhoneStore {
  findPhone(programme: string, id: Uint8Array): Promise<PhoneRecord | undefined>;
  /** Registers a phone, or renews its certificate; a revoked one stays as it is. 'conflict' where it is another shopper's. */
  registerPhone(programme: string, phone: NewPhone): Promise<PhoneRecord | 'conflict'>;
  findShopper(programme: string, id: string): Promise<ShopperRecord | undefined>;
  /** Adds labels to those the shopper has; `null` takes one away. 'labels_full' where it would have more than LABELS_MAX. */
  labelShopper(
    programme: string,
    id: string,
    labels: Readonly<Record<string, string | null>>,
    audit: AuditEntry,
  ): Promise<'changed' | 'unknown' | 'labels_full'>;
  listPhones(programme: string, after: Uint8Array | undefined, countMax: number): Promise<PhoneRecord[]>;
  /** False where there is none, or it is revoked already. */
  revokePhone(
    programme: string,
    id: Uint8Array,
    reason: string | undefined,
    audit: AuditEntry,
  ): Promise<boolean>;
}

export type RedeemQuery = {
  readonly programme: string;
  readonly transactionId: Uint8Array;
  readonly boxId: Uint8Array;
  readonly boxNonce: Uint8Array;
  readonly offer: string;
  /** Milliseconds since 1970: when holds end, and what a rolling window still holds. */
  readonly nowMs: number;
};

/** All that was read, in one moment that nothing else can change before the decision is written. */
export type RedeemFacts = {
  readonly boxNonceUsed: boolean;
  readonly offer:
    | { readonly version: OfferVersion; readonly hash: Uint8Array; readonly paused: boolean }
    | undefined;
  /** Of each counter that was asked for. */
  readonly used: ReadonlyMap<string, CounterUsage>;
  readonly manifestVersion: number;
};

export type RedeemOutcome = {
  /** A grant with `holdEndsAtMs` holds its increments; any other counts them at once. */
  readonly decision: Decision;
  readonly increments: readonly CounterIncrement[];
};

export type RedeemPlan = {
  /** The counters that the offer touches, each key once. Pure. */
  readonly counters: (offer: OfferVersion) => readonly CounterQuery[];
  /** Pure, and asked again where more had to be read: the last answer holds. What it throws changes nothing. */
  readonly decide: (facts: RedeemFacts) => RedeemOutcome;
};

export interface DecisionStore {
  findDecision(programme: string, transactionId: Uint8Array): Promise<RecordedDecision | undefined>;
  /**
   * The decision on record for the transaction, or else a new one, durable before the promise settles. Stores gather what is
   * asked at the same time into one commit; each is decided on the state that those before it leave, and a plan that throws
   * fails alone.
   */
  redeem(
    query: RedeemQuery,
    plan: RedeemPlan,
  ): Promise<{ readonly decision: Decision; readonly recordedBefore: boolean }>;
  listDecisions(
    programme: string,
    query: {
      readonly after: number;
      readonly countMax: number;
      readonly refusals: boolean;
      readonly newestFirst: boolean;
    },
  ): Promise<RecordedDecision[]>;
  /** The highest sequence so far, 0 where there is none. */
  lastSequence(programme: string): Promise<number>;
  /** Frees what a grant holds, before its time. 'settled' where its receipt has arrived, or it is free already. */
  releaseHold(
    programme: string,
    transactionId: Uint8Array,
    audit: AuditEntry,
  ): Promise<'released' | 'settled' | 'unknown'>;
  /** Frees holds whose time is over, the oldest first. @returns how many grants were released */
  releaseEndedHolds(nowMs: number, countMax: number): Promise<number>;
}

export type ReceiptVerdict = 'stored' | 'known' | 'conflict';

export interface ReceiptStore {
  /**
   * One verdict for each, in order. A conflict marks the box as forked and stores nothing else. The first receipt of a grant
   * that holds its places settles it: `failed` frees them, any other outcome counts them, also where their time was over.
   */
  addReceipts(
    programme: string,
    receipts: readonly ReceiptRecord[],
    nowMs: number,
  ): Promise<ReceiptVerdict[]>;
}

export interface TokenStore {
  addToken(token: TokenRecord, audit: AuditEntry): Promise<void>;
  findToken(id: string): Promise<TokenRecord | undefined>;
  listTokens(programme: string): Promise<TokenRecord[]>;
  /** False where there is none, or it is revoked already. */
  revokeToken(programme: string, id: string, audit: AuditEntry): Promise<boolean>;
}

export interface Store
  extends ProgrammeStore,
    TouchpointStore,
    AdvertStore,
    OfferStore,
    PhoneStore,
    DecisionStore,
    ReceiptStore,
    TokenStore {
  /** Rejects where the store cannot be read. */
  check(): Promise<void>;
  /** Forgets what no decision can depend on any more: used nonces, codes and counters of long ago. */
  prune(nowMs: number): Promise<void>;
  close(): Promise<void>;
}
