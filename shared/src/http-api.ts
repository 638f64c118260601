/**
 * The HTTP interface between phone, box, operator and server: schemas, and the types derived from them. The server validates
 * with the schemas; the phone imports the types only. Bytes are unpadded base64url, ids of operators' objects are names,
 * ids of keys and transactions are hexadecimal. docs/protocol.md §8.
 */
import type { Static } from 'typebox';
import { type Action, actions } from './action.js';
import {
  ADVERT_BYTES,
  AMOUNT_MINOR_MAX,
  ENROLMENT_BINDING_BYTES_MAX,
  ID_BYTES,
  NAME_CHARS_MAX,
  NAME_PATTERN,
  PHONE_ID_BYTES,
  RECEIPT_BYTES_MAX,
  RECEIPTS_POSTED_MAX,
  REGISTRATION_BYTES_MAX,
  REQUEST_BYTES_MAX,
  SEALED_HELLO_BYTES_MAX,
  SERVER_NONCE_BYTES,
  SHOPPER_REFERENCE_CHARS_MAX,
  TEXT_PATTERN,
  TRANSACTION_ID_BYTES,
} from './bounds.js';
import { errorCodes } from './error-codes.js';
import { Type } from './type-builder.js';

const base64urlChars = (bytes: number): number => Math.ceil((bytes * 4) / 3);

/** A message of at most `bytesMax` bytes. A longer one is refused by the schema, before it is decoded. */
const base64url = (bytesMax: number, description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]*$',
    minLength: 1,
    maxLength: base64urlChars(bytesMax),
    description,
  });

const hex = (bytes: number, description: string) =>
  Type.String({ pattern: `^[0-9a-f]{${bytes * 2}}$`, description });

const strict = { additionalProperties: false } as const;

/** What people write: without control characters. */
export const freeText = (charsMax: number, charsMin = 0) =>
  Type.String({ pattern: TEXT_PATTERN, minLength: charsMin, maxLength: charsMax });

export const Name = Type.String({ pattern: NAME_PATTERN, maxLength: NAME_CHARS_MAX });
export const TransactionId = hex(TRANSACTION_ID_BYTES, 'transaction id');
export const PhoneId = hex(PHONE_ID_BYTES, 'first 16 bytes of the COSE Key Thumbprint of the phone key');
export const TouchpointId = hex(ID_BYTES, 'touchpoint id');
/** An instant as RFC 3339 text in UTC. */
export const Instant = Type.String({ format: 'date-time' });
export const ActionName = Type.Unsafe<Action>(Type.String({ enum: [...actions] }));
export const AmountMinor = Type.Integer({ minimum: 0, maximum: AMOUNT_MINOR_MAX });
export const ErrorCodeName = Type.String({ enum: [...errorCodes] });

/** RFC 9457, with a stable `code`, the advice, and where a rule refused, the signed refusal. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: ErrorCodeName,
  detail: Type.Optional(Type.String()),
  advice: Type.String(),
  instance: Type.Optional(Type.String()),
  /** base64url of the signed refusal. */
  refusal: Type.Optional(Type.String()),
  resetsAt: Type.Optional(Instant),
});
export type Problem = Static<typeof Problem>;

export const NonceAnswer = Type.Object({
  nonce: base64url(SERVER_NONCE_BYTES, 'nonce'),
  expiresInMs: Type.Integer(),
});
export type NonceAnswer = Static<typeof NonceAnswer>;

export const RegisterBody = Type.Object(
  {
    registration: base64url(REGISTRATION_BYTES_MAX, 'COSE_Sign1 registration'),
    /** The app's own reference of its shopper; needs an API token of the role `app`. The server keeps its HMAC only. */
    shopper: Type.Optional(freeText(SHOPPER_REFERENCE_CHARS_MAX, 1)),
  },
  strict,
);
export type RegisterBody = Static<typeof RegisterBody>;

export const RegisterAnswer = Type.Object({
  phoneId: PhoneId,
  shopper: Type.String({ description: 'opaque id of the shopper that the limits count' }),
  certificate: Type.String({ description: 'X.509 certificate of the phone, PEM' }),
  chain: Type.Array(Type.String()),
});
export type RegisterAnswer = Static<typeof RegisterAnswer>;

export const ResolveBody = Type.Union([
  Type.Object(
    { advert: base64url(ADVERT_BYTES, 'rotating ID, nonce, MAC'), phoneId: Type.Optional(PhoneId) },
    strict,
  ),
  Type.Object(
    {
      hello: base64url(SEALED_HELLO_BYTES_MAX, 'sealed hello'),
      nonce: base64url(SERVER_NONCE_BYTES, 'the nonce of its challenge'),
      phoneId: PhoneId,
      transactionId: TransactionId,
    },
    strict,
  ),
]);
export type ResolveBody = Static<typeof ResolveBody>;

export const OfferView = Type.Object({
  id: Name,
  title: Type.String(),
  action: ActionName,
  amountMinor: AmountMinor,
  currency: Type.Optional(Type.String()),
  /** Whether a request now would be granted, as far as the server can tell. */
  open: Type.Boolean(),
  /** Why not. */
  code: Type.Optional(ErrorCodeName),
  rule: Type.Optional(Type.String()),
  resetsAt: Type.Optional(Instant),
});
export type OfferView = Static<typeof OfferView>;

export const ResolveAnswer = Type.Object({
  touchpoint: Type.Object({
    id: TouchpointId,
    name: Name,
    title: Type.String(),
    place: Type.String(),
  }),
  offers: Type.Array(OfferView),
  /** A fresh nonce, so that the next challenge costs no round trip of its own. */
  nonce: base64url(SERVER_NONCE_BYTES, 'nonce'),
});
export type ResolveAnswer = Static<typeof ResolveAnswer>;

/** What a redemption would get now, for who has resolved the touchpoint; nothing is counted, and nothing promised. */
export const DryRunBody = Type.Object(
  {
    offer: Name,
    /** The touchpoint's id, as `resolve` answered it. */
    touchpoint: TouchpointId,
    /** Whose limits to count. Not proven, so that the answer says no more than `resolve`. */
    phoneId: Type.Optional(PhoneId),
  },
  strict,
);
export type DryRunBody = Static<typeof DryRunBody>;

/** With an API token of the app (or the owner), how full the limit is and how much would be awarded as well. */
export const DryRunAnswer = Type.Object({
  offer: OfferView,
  /** Less than the amount of the offer where a limit awards a part. */
  awardedMinor: Type.Optional(AmountMinor),
  used: Type.Optional(Type.Integer({ minimum: 0 })),
  maximum: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type DryRunAnswer = Static<typeof DryRunAnswer>;

export const RedeemBody = Type.Object(
  { request: base64url(REQUEST_BYTES_MAX, 'COSE_Sign1 request') },
  strict,
);
export type RedeemBody = Static<typeof RedeemBody>;

export const RedeemAnswer = Type.Object({
  transactionId: TransactionId,
  voucher: Type.String({ description: 'base64url of the COSE_Sign1 voucher' }),
  jws: Type.String({ description: 'the same voucher as a compact JWS' }),
  /** Present where the box has an older manifest: the phone carries it before the voucher. */
  manifest: Type.Optional(Type.String()),
});
export type RedeemAnswer = Static<typeof RedeemAnswer>;

export const ReceiptsBody = Type.Object(
  {
    receipts: Type.Array(base64url(RECEIPT_BYTES_MAX, 'COSE_Sign1 receipt'), {
      minItems: 1,
      maxItems: RECEIPTS_POSTED_MAX,
    }),
  },
  strict,
);
export type ReceiptsBody = Static<typeof ReceiptsBody>;

/** One entry for each receipt, in order: stored (or known already), or the code that says why not. */
export const ReceiptsAnswer = Type.Object({
  results: Type.Array(Type.Object({ stored: Type.Boolean(), code: Type.Optional(ErrorCodeName) })),
});
export type ReceiptsAnswer = Static<typeof ReceiptsAnswer>;

export const ManifestAnswer = Type.Object({
  version: Type.Integer(),
  manifest: Type.String({ description: 'base64url of the COSE_Sign1 manifest' }),
});
export type ManifestAnswer = Static<typeof ManifestAnswer>;

export const Jwk = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String({ description: 'JWK thumbprint, RFC 7638' }),
  use: Type.Literal('sig'),
  alg: Type.Literal('EdDSA'),
  x5c: Type.Optional(Type.Array(Type.String())),
});
export type Jwk = Static<typeof Jwk>;

export const JwkSet = Type.Object({ keys: Type.Array(Jwk) });
export type JwkSet = Static<typeof JwkSet>;

/** What the box asks at its enrolment, over the network or in a file on a stick. */
export const EnrolmentRequest = Type.Object(
  {
    format: Type.Literal('tapseal-enrolment-request-1'),
    /** The secret part of the enrolment code. */
    code: Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{16}$' }),
    /** PKCS#10 request of the box's Ed25519 key, PEM. */
    certificateRequest: Type.String({ maxLength: 4_096 }),
    /** COSE_Sign1 enrolment: the X25519 public key for adverts, signed by the box's key. */
    binding: base64url(ENROLMENT_BINDING_BYTES_MAX, 'COSE_Sign1 enrolment'),
  },
  strict,
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

/** What the box gets back. */
export const EnrolmentResponse = Type.Object(
  {
    format: Type.Literal('tapseal-enrolment-response-1'),
    programme: Name,
    touchpointId: TouchpointId,
    name: Name,
    /** Certificate of the box, then of the issuing authority, then the root, PEM. */
    certificates: Type.Array(Type.String({ maxLength: 4_096 }), { minItems: 3, maxItems: 3 }),
    manifest: Type.String({ maxLength: 12_000 }),
  },
  strict,
);
export type EnrolmentResponse = Static<typeof EnrolmentResponse>;
