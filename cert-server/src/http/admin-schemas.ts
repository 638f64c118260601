/**
 * The administration interface: schemas, and the types derived from them. The server validates with them; the command line
 * imports the types. Names and bounds come from shared/http-api; offers are in offer-schemas.ts. Roles: owner > operator; auditor
 * reads; app registers phones and labels shoppers.
 */
import { NAME_PATTERN } from '@tapseal/shared/bounds';
import {
  ActionName,
  AmountMinor,
  ErrorCodeName,
  Instant,
  Name,
  PhoneId,
  TouchpointId,
  TransactionId,
} from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';
import { LABELS_MAX, Labels } from '../decision/labels.js';
import { GRANTS_PAGE_MAX, GRANTS_WAIT_MS_MAX, TOKEN_DAYS_MAX } from './admin-bounds.js';
import {
  Counter,
  Currency,
  Digits,
  Place,
  Reason,
  strict,
  TimeZone,
  Title,
  TokenLabel,
} from './field-schemas.js';

export const ProgrammeBody = Type.Object(
  {
    id: Name,
    title: Title,
    timeZone: TimeZone,
    currency: Currency,
  },
  strict,
);
export type ProgrammeBody = Static<typeof ProgrammeBody>;

export const ProgrammeView = Type.Object({
  id: Name,
  title: Type.String(),
  timeZone: Type.String(),
  currency: Currency,
  createdAt: Instant,
});
export type ProgrammeView = Static<typeof ProgrammeView>;

export const ProgrammeList = Type.Object({ programmes: Type.Array(ProgrammeView) });
export type ProgrammeList = Static<typeof ProgrammeList>;

export const TouchpointBody = Type.Object(
  {
    name: Name,
    title: Type.Optional(Title),
    place: Type.Optional(Place),
    /** `merchant=cafe-ada`: what limits can count by. */
    labels: Type.Optional(Labels),
    /** Of its own; that of the offer or programme where absent. */
    timeZone: Type.Optional(TimeZone),
  },
  strict,
);
export type TouchpointBody = Static<typeof TouchpointBody>;

export const TouchpointState = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('enrolled'),
  Type.Literal('revoked'),
]);

/** A touchpoint is a name; `id` and what follows belong to the box that is enrolled under it now, or was last. */
export const TouchpointView = Type.Object({
  name: Name,
  title: Type.String(),
  place: Type.String(),
  labels: Labels,
  /** Absent: that of the offer or programme. */
  timeZone: Type.Optional(Type.String()),
  state: TouchpointState,
  createdAt: Instant,
  id: Type.Optional(TouchpointId),
  enrolledAt: Type.Optional(Instant),
  /** Last verified hello, to the minute. */
  seenAt: Type.Optional(Instant),
  bootCounter: Type.Optional(Counter),
  manifestVersion: Type.Optional(Counter),
  /** Every receipt up to this counter has arrived. */
  receiptsThrough: Type.Optional(Counter),
  /** The highest counter that has arrived; above `receiptsThrough`, receipts are missing. */
  receiptsHighest: Type.Optional(Counter),
  /** Two receipt chains were seen: the box may have been copied. */
  forked: Type.Optional(Type.Boolean()),
  revokedAt: Type.Optional(Instant),
  revokedReason: Type.Optional(Type.String()),
  certificateExpiresAt: Type.Optional(Instant),
});
export type TouchpointView = Static<typeof TouchpointView>;

export const TouchpointList = Type.Object({ touchpoints: Type.Array(TouchpointView) });
export type TouchpointList = Static<typeof TouchpointList>;

/** The code is shown once; the server keeps its hash. */
export const EnrolmentCodeAnswer = Type.Object({
  touchpoint: TouchpointView,
  /** `ABCD-EFGH-…`: eight groups of four. */
  enrolmentCode: Type.String(),
  expiresAt: Instant,
});
export type EnrolmentCodeAnswer = Static<typeof EnrolmentCodeAnswer>;

export const RevokeBody = Type.Object({ reason: Reason }, strict);
export type RevokeBody = Static<typeof RevokeBody>;

/** What is given is added to the labels it has; `null` takes one away. */
export const LabelChanges = Type.Record(
  Type.String({ pattern: NAME_PATTERN }),
  Type.Union([Name, Type.Null()]),
  { minProperties: 1, maxProperties: 2 * LABELS_MAX, additionalProperties: false },
);
export type LabelChanges = Static<typeof LabelChanges>;

/** What is left out stays as it is. */
export const TouchpointChangeBody = Type.Object(
  {
    labels: Type.Optional(LabelChanges),
    /** `null`: the zone of the offer or programme again. */
    timeZone: Type.Optional(Type.Union([TimeZone, Type.Null()])),
  },
  { ...strict, minProperties: 1 },
);
export type TouchpointChangeBody = Static<typeof TouchpointChangeBody>;

/** The id is opaque: the reference of the app is not on record. */
export const ShopperView = Type.Object({ id: Type.String(), labels: Labels, createdAt: Instant });
export type ShopperView = Static<typeof ShopperView>;

export const PhoneView = Type.Object({
  id: PhoneId,
  shopper: Type.String(),
  algorithm: Type.Union([Type.Literal('Ed25519'), Type.Literal('P-256')]),
  state: Type.Union([Type.Literal('registered'), Type.Literal('revoked')]),
  registeredAt: Instant,
  revokedAt: Type.Optional(Instant),
  revokedReason: Type.Optional(Type.String()),
});
export type PhoneView = Static<typeof PhoneView>;

/** `next` is the id to hand in as `after`; absent on the last page. */
export const PhoneList = Type.Object({ phones: Type.Array(PhoneView), next: Type.Optional(PhoneId) });
export type PhoneList = Static<typeof PhoneList>;

export const ReceiptView = Type.Object({
  outcome: Type.Union([Type.Literal('actuated'), Type.Literal('failed'), Type.Literal('interrupted')]),
  counter: Counter,
  receivedAt: Instant,
});
export type ReceiptView = Static<typeof ReceiptView>;

export const HoldView = Type.Object({
  /** `held` until the receipt arrives, or `endsAt`, which frees the place. */
  state: Type.Union([Type.Literal('held'), Type.Literal('spent'), Type.Literal('released')]),
  endsAt: Instant,
});
export type HoldView = Static<typeof HoldView>;

const decisionFields = {
  /** Position in the programme's record of decisions; hand the last one in as `after`. */
  sequence: Counter,
  transactionId: TransactionId,
  at: Instant,
  granted: Type.Boolean(),
  offer: Type.String(),
  offerVersion: Counter,
  touchpoint: Name,
  touchpointId: TouchpointId,
  phoneId: PhoneId,
  shopper: Type.String(),
  amountMinor: AmountMinor,
  /** base64url of SHA-256 of the offer's version; absent where there was no such offer. */
  offerHash: Type.Optional(Type.String()),
  /** Of grants. What the voucher carries: less than `amountMinor` where a limit awarded a part. */
  action: Type.Optional(ActionName),
  awardedMinor: Type.Optional(AmountMinor),
  /** Of grants that are counted when their boxes confirm. */
  hold: Type.Optional(HoldView),
  receipt: Type.Optional(ReceiptView),
  /** Of refusals: why, in code and words, how full the rule is, when it resets. */
  code: Type.Optional(ErrorCodeName),
  rule: Type.Optional(Type.String()),
  used: Type.Optional(Counter),
  maximum: Type.Optional(Counter),
  resetsAt: Type.Optional(Instant),
};

/** A grant, or with `?decisions=all` a refusal. */
export const GrantView = Type.Object(decisionFields);
export type GrantView = Static<typeof GrantView>;

/** `next` is what to hand in as `after`, also where the page is empty. */
export const GrantPage = Type.Object({ grants: Type.Array(GrantView), next: Counter });
export type GrantPage = Static<typeof GrantPage>;

export const GrantQuery = Type.Object(
  {
    after: Digits('sequence to continue after; absent: from the first'),
    limit: Digits(`1 to ${GRANTS_PAGE_MAX}, 100 where absent`),
    waitMs: Digits(`wait up to ${GRANTS_WAIT_MS_MAX} ms for the first entry`),
    decisions: Type.Optional(Type.Union([Type.Literal('grants'), Type.Literal('all')])),
    /** `newest`: the last entries, newest first; `after` is not used. */
    order: Type.Optional(Type.Union([Type.Literal('oldest'), Type.Literal('newest')])),
  },
  strict,
);
export type GrantQuery = Static<typeof GrantQuery>;

export const PhoneQuery = Type.Object(
  { after: Type.Optional(PhoneId), limit: Digits('1 to 500, 100 where absent') },
  strict,
);
export type PhoneQuery = Static<typeof PhoneQuery>;

export const VoucherView = Type.Object({
  ...decisionFields,
  /** base64url of the COSE_Sign1 voucher. */
  voucher: Type.String(),
  jws: Type.String(),
  serverTimeS: Counter,
  manifestVersion: Counter,
  /** base64url of SHA-256 of the signed request. */
  requestHash: Type.String(),
});
export type VoucherView = Static<typeof VoucherView>;

export const TokenRole = Type.Union([
  Type.Literal('owner'),
  Type.Literal('operator'),
  Type.Literal('auditor'),
  Type.Literal('app'),
]);
export type TokenRole = Static<typeof TokenRole>;

export const TokenBody = Type.Object(
  {
    role: TokenRole,
    label: Type.Optional(TokenLabel),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: TOKEN_DAYS_MAX })),
    /** Acts in every programme of the deployment; only a token that does so itself may make one. */
    everyProgramme: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type TokenBody = Static<typeof TokenBody>;

export const TokenId = Type.String({ pattern: '^[0-9a-f]{16}$' });

export const TokenView = Type.Object({
  id: TokenId,
  role: TokenRole,
  label: Type.String(),
  everyProgramme: Type.Boolean(),
  createdAt: Instant,
  expiresAt: Type.Optional(Instant),
  revokedAt: Type.Optional(Instant),
});
export type TokenView = Static<typeof TokenView>;

export const TokenList = Type.Object({ tokens: Type.Array(TokenView) });
export type TokenList = Static<typeof TokenList>;

/** `token` is shown once; the server keeps its hash. */
export const TokenCreated = Type.Object({ token: Type.String(), ...TokenView.properties });
export type TokenCreated = Static<typeof TokenCreated>;

/** GET /v1/authority: certificates as PEM, and all of them as one bundle for `--ca` and `openssl verify -CAfile`. */
export const AuthorityAnswer = Type.Object({
  /** The root; its fingerprint is the second half of every enrolment code. */
  root: Type.String(),
  /** Issues certificates of touchpoints, phones and voucher keys. */
  issuing: Type.String(),
  /** P-256, issues the workbench's TLS certificate: what a browser imports. */
  tls: Type.String(),
  bundle: Type.String(),
  /** SHA-256 of the root certificate, hexadecimal. */
  rootSha256: Type.String(),
});
export type AuthorityAnswer = Static<typeof AuthorityAnswer>;
