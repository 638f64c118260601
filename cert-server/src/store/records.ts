/** What the store keeps, as the rooms see it. Times are milliseconds since 1970, ids are bytes; every record is of one programme. */
import type { Action } from '@tapseal/shared/action';
import type { KeyAlgorithm } from '@tapseal/shared/crypto-port';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Labels } from '../decision/labels.js';
import type { OfferVersion } from '../decision/offer.js';

export type ProgrammeRecord = {
  readonly id: string;
  readonly title: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly createdAtMs: number;
};

/** Where a box stood at its last verified hello. It moves forward only. */
export type AdvertAnchor = {
  readonly epoch: number;
  /** The advert key of that epoch, 32 bytes. */
  readonly advertKey: Uint8Array;
  /** The box's own seconds. */
  readonly counterS: number;
  readonly seenAtMs: number;
};

/** One enrolled key. A touchpoint whose box is replaced gets a new one, with a new id. */
export type BoxRecord = {
  /** The touchpoint id of the protocol, 8 bytes. */
  readonly id: Uint8Array;
  /** Name of the touchpoint. */
  readonly name: string;
  /** Of the touchpoint, as are the zone and the labels. */
  readonly touchpointLabels: Labels;
  readonly touchpointTimeZone: string | undefined;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly enrolledAtMs: number;
  readonly revokedAtMs: number | undefined;
  readonly revokedReason: string | undefined;
  readonly forked: boolean;
  readonly bootCounter: number;
  readonly manifestVersion: number;
  readonly receiptsThrough: number;
  readonly anchor: AdvertAnchor;
};

export type TouchpointRecord = {
  readonly name: string;
  readonly title: string;
  readonly place: string;
  readonly labels: Labels;
  /** IANA; undefined where the touchpoint has none of its own. */
  readonly timeZone: string | undefined;
  readonly createdAtMs: number;
  /** The box that is enrolled, or the last one that was. */
  readonly box: BoxRecord | undefined;
  readonly receiptsHighest: number;
};

export type EnrolmentCodeRecord = {
  readonly programme: string;
  readonly name: string;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | undefined;
};

export type PhoneRecord = {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly shopper: string;
  readonly shopperLabels: Labels;
  readonly algorithm: KeyAlgorithm;
  /** DER. */
  readonly certificate: Uint8Array;
  /** What it says, sealed by the server; undefined for phones of before these were kept. */
  readonly certificateFacts: Uint8Array | undefined;
  readonly registeredAtMs: number;
  readonly revokedAtMs: number | undefined;
  readonly revokedReason: string | undefined;
};

export type ShopperRecord = {
  readonly id: string;
  readonly labels: Labels;
  readonly createdAtMs: number;
};

export type OfferRecord = {
  /** The newest version. Stores hand out the same object for the same version, so that what is derived from it can be kept. */
  readonly offer: OfferVersion;
  /** SHA-256 of the version's canonical text, 32 bytes. */
  readonly hash: Uint8Array;
  readonly paused: boolean;
  readonly createdAtMs: number;
  /** Counted, with those that are held. */
  readonly granted: number;
};

export type OfferVersionRecord = {
  readonly offer: OfferVersion;
  /** Canonical JSON (RFC 8785): what is hashed. */
  readonly canonical: string;
  readonly hash: Uint8Array;
  readonly createdAtMs: number;
};

/** Of every decision, whatever its outcome. */
export type DecisionFields = {
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** SHA-256 of the signed request. */
  readonly requestHash: Uint8Array;
  readonly phoneId: Uint8Array;
  readonly shopper: string;
  /** The touchpoint id of the hello. */
  readonly boxId: Uint8Array;
  readonly touchpoint: string;
  readonly boxNonce: Uint8Array;
  readonly offer: string;
  /** 0 where there is no such offer. */
  readonly offerVersion: number;
  /** Of that version, 32 bytes; none where there is no such offer. */
  readonly offerHash: Uint8Array | undefined;
  /** What the shopper approved. */
  readonly amountMinor: number;
  readonly decidedAtMs: number;
  /** The manifest version and the receipt counter that the voucher carries. */
  readonly manifestVersion: number;
  readonly receiptsThrough: number;
  /** The manifest that the box had. */
  readonly boxManifestVersion: number;
  /** The key that signs this decision, now and when it is asked for again. */
  readonly voucherKeyId: Uint8Array;
};

export type Grant = DecisionFields & {
  readonly granted: true;
  readonly action: Action;
  /** What the voucher carries: less than `amountMinor` only where a limit awards a part. */
  readonly awardedMinor: number;
  /** Counted when the box confirms: its places are held until then. Undefined: counted at once. */
  readonly holdEndsAtMs: number | undefined;
};

export type RefusalRecord = DecisionFields & {
  readonly granted: false;
  readonly code: ErrorCode;
  readonly rule: string;
  readonly used: number;
  readonly maximum: number;
  readonly resetsAtMs: number | undefined;
};

/** All that is signed: recorded first, so that a crash is healed by signing the record again. */
export type Decision = Grant | RefusalRecord;

export type ReceiptSummary = {
  readonly outcome: ReceiptOutcome;
  readonly counter: number;
  readonly receivedAtMs: number;
};

/** Of a grant that is counted when the box confirms. */
export type HoldState = 'held' | 'spent' | 'released';

export type RecordedDecision = {
  readonly sequence: number;
  readonly decision: Decision;
  readonly receipt: ReceiptSummary | undefined;
  /** Undefined where the grant was counted at once. */
  readonly hold: HoldState | undefined;
};

export type ReceiptRecord = {
  readonly boxId: Uint8Array;
  readonly counter: number;
  readonly transactionId: Uint8Array;
  readonly outcome: ReceiptOutcome;
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly hash: Uint8Array;
  readonly previousHash: Uint8Array;
};

export type TokenRole = 'owner' | 'operator' | 'auditor' | 'app';

/** The programme of a token that acts in every programme. No programme can have this name. */
export const EVERY_PROGRAMME = '*';

export type TokenRecord = {
  readonly programme: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly role: TokenRole;
  readonly label: string;
  /** SHA-256 of the whole token. */
  readonly secretHash: Uint8Array;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
};

export type ManifestRecord = { readonly version: number; readonly bytes: Uint8Array };

/** Who did which administrative act. */
export type AuditEntry = {
  readonly atMs: number;
  /** Id of the token. */
  readonly token: string;
  readonly act: string;
  readonly object: string;
};

export type AdvertKey = {
  readonly epoch: number;
  /** 32 bytes. */
  readonly advertKey: Uint8Array;
};

export type RotatingId = AdvertKey & {
  /** 8 bytes. */
  readonly rotatingId: Uint8Array;
};

export type AdvertWindow = {
  readonly anchor: AdvertAnchor;
  readonly ids: readonly RotatingId[];
  /** When the window has to move on; undefined: not before the next hello. */
  readonly refreshAtMs: number | undefined;
};
