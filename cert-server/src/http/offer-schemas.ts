/** Offers in the administration interface: what an operator sends, and what is shown of them, their versions and their limits. */
import { ActionName, AmountMinor, ErrorCodeName, Instant, Name } from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';
import { Labels } from '../decision/labels.js';
import { OfferRules } from '../decision/offer-rules.js';
import { OFFER_VERSIONS_PAGE_MAX, TOUCHPOINTS_OF_OFFER_MAX } from './admin-bounds.js';
import { Counter, Currency, Digits, ShopperId, strict, TimeZone, Title } from './field-schemas.js';

const bodyFields = {
  title: Type.Optional(Title),
  touchpoints: Type.Array(Name, { minItems: 1, maxItems: TOUCHPOINTS_OF_OFFER_MAX, uniqueItems: true }),
  action: ActionName,
  amountMinor: Type.Optional(AmountMinor),
  /** Of its days and hours; that of the programme where absent. */
  timeZone: Type.Optional(TimeZone),
  /** What limits by `key.…` count over: all offers with the same name and value. */
  keys: Type.Optional(Labels),
  rules: OfferRules,
};

export const OfferBody = Type.Object({ id: Name, ...bodyFields }, strict);
export type OfferBody = Static<typeof OfferBody>;

/** The whole next version: what is left out is not taken over from the one before. */
export const OfferChangeBody = Type.Object(
  {
    /** One more than the newest: who changed it in the meantime is not overwritten. */
    version: Type.Integer({ minimum: 2, maximum: Number.MAX_SAFE_INTEGER }),
    ...bodyFields,
  },
  strict,
);
export type OfferChangeBody = Static<typeof OfferChangeBody>;

const versionFields = {
  id: Name,
  version: Counter,
  title: Type.String(),
  touchpoints: Type.Array(Name),
  action: ActionName,
  amountMinor: AmountMinor,
  currency: Currency,
  timeZone: Type.String(),
  keys: Labels,
  rules: OfferRules,
  /** The rules in words: `at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)`. */
  sentence: Type.String(),
  /** base64url of SHA-256 of the version's canonical text; every voucher carries it, or its first 16 bytes. */
  hash: Type.String(),
  createdAt: Instant,
};

export const OfferVersionView = Type.Object(versionFields);
export type OfferVersionView = Static<typeof OfferVersionView>;

/** `next` is the version to hand in as `before`; absent on the last page. */
export const OfferVersionPage = Type.Object({
  versions: Type.Array(OfferVersionView),
  next: Type.Optional(Counter),
});
export type OfferVersionPage = Static<typeof OfferVersionPage>;

export const OfferVersionDetail = Type.Object({
  ...versionFields,
  /** Canonical JSON (RFC 8785): `printf %s "$canonical" | openssl dgst -sha256` is the hash. */
  canonical: Type.String(),
});
export type OfferVersionDetail = Static<typeof OfferVersionDetail>;

export const OfferVersionQuery = Type.Object(
  {
    before: Digits('only versions before this one'),
    limit: Digits(`1 to ${OFFER_VERSIONS_PAGE_MAX}, which is also where absent`),
  },
  strict,
);
export type OfferVersionQuery = Static<typeof OfferVersionQuery>;

/** The newest version; `createdAt` is that of the offer. */
export const OfferAdminView = Type.Object({
  ...versionFields,
  paused: Type.Boolean(),
  /** Granted in all, with those that are held. */
  granted: Counter,
  /** Of these, waiting for the receipt of their box. */
  held: Counter,
});
export type OfferAdminView = Static<typeof OfferAdminView>;

export const OfferList = Type.Object({ offers: Type.Array(OfferAdminView) });
export type OfferList = Static<typeof OfferList>;

/** How full a limit is: grants, or minor units. */
const usageFields = {
  /** Counted. */
  used: Counter,
  /** Held by grants that their boxes have not confirmed; it counts as used. */
  held: Counter,
  left: Counter,
  /** Whether it refuses the next request. */
  full: Type.Boolean(),
  /** When there is room again, or the period ends; absent: never, or not known. */
  resetsAt: Type.Optional(Instant),
};

const limitFields = {
  /** In words. */
  rule: Type.String(),
  of: Type.Union([Type.Literal('grants'), Type.Literal('amount')]),
  maximum: Counter,
};

export const LimitView = Type.Object({ ...limitFields, ...usageFields });
export type LimitView = Static<typeof LimitView>;

/** Beside the offer its limits, in their order. */
export const OfferDetailView = Type.Object({
  ...OfferAdminView.properties,
  /** In which its days and hours are: of its touchpoints, where they have one of their own, else that of the offer. */
  timeZones: Type.Array(Type.String()),
  limits: Type.Array(
    Type.Object({
      ...limitFields,
      /**
       * Absent where shoppers or touchpoints are counted apart, or where `timeZones` are in different periods: the explanation tells
       * it for one of them.
       */
      usage: Type.Optional(Type.Object(usageFields)),
    }),
  ),
});
export type OfferDetailView = Static<typeof OfferDetailView>;

export const ExplanationQuery = Type.Object(
  {
    /** Absent: somebody who has redeemed nothing yet, without labels. */
    shopper: Type.Optional(ShopperId),
    /** Name of the touchpoint; absent: the first one of the offer. */
    touchpoint: Type.Optional(Name),
  },
  strict,
);
export type ExplanationQuery = Static<typeof ExplanationQuery>;

/** What a redemption would get now, and why. Nothing is counted. */
export const Explanation = Type.Object({
  offer: Name,
  version: Counter,
  sentence: Type.String(),
  amountMinor: AmountMinor,
  currency: Currency,
  at: Instant,
  /** Absent: somebody new. */
  shopper: Type.Optional(Type.String()),
  shopperLabels: Labels,
  touchpoint: Name,
  touchpointLabels: Labels,
  /** In which the days and hours are: of the touchpoint, the offer or the programme, in that order. */
  timeZone: Type.String(),
  verdict: Type.Object({
    granted: Type.Boolean(),
    /** Of a grant: less than `amountMinor` where a limit awards a part. */
    awardedMinor: Type.Optional(AmountMinor),
    /** Of a grant that is counted when its box confirms. */
    holdEndsAt: Type.Optional(Instant),
    code: Type.Optional(ErrorCodeName),
    rule: Type.Optional(Type.String()),
    used: Type.Optional(Counter),
    maximum: Type.Optional(Counter),
    resetsAt: Type.Optional(Instant),
  }),
  window: Type.Object({
    open: Type.Boolean(),
    /** When it is open, in words. */
    sentence: Type.String(),
    /** When it opens next. */
    resetsAt: Type.Optional(Instant),
  }),
  limits: Type.Array(LimitView),
});
export type Explanation = Static<typeof Explanation>;
