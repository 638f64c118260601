/**
 * The certificate server as the phone sees it (docs/protocol.md §8). Every answer is parsed here; what is behind this file
 * has its type. The signatures in an answer are verified by whoever uses them.
 */
import { type Action, actions } from '@tapseal/shared/action';
import {
  AMOUNT_MINOR_MAX,
  ID_BYTES,
  MANIFEST_BYTES_MAX,
  NAME_CHARS_MAX,
  PHONE_ID_BYTES,
  RECEIPTS_POSTED_MAX,
  REFUSAL_BYTES_MAX,
  SERVER_NONCE_BYTES,
  TRANSACTION_ID_BYTES,
  VOUCHER_BYTES_MAX,
} from '@tapseal/shared/bounds';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { type ErrorCode, isErrorCode } from '@tapseal/shared/error-codes';
import type {
  OfferView,
  ReceiptsBody,
  RedeemBody,
  RegisterBody,
  ResolveAnswer,
  ResolveBody,
} from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { AnswerReader } from './answer-reader.js';
import {
  CERTIFICATE_CHARS_MAX,
  CERTIFICATES_MAX,
  JWS_CHARS_MAX,
  OFFERS_MAX,
  TEXT_CHARS_MAX,
} from './limits.js';
import type { Http, HttpAnswer, StoredRegistration } from './ports.js';

export type Resolved = Pick<ResolveAnswer, 'touchpoint' | 'offers'> & {
  /** 40 bytes, for the next challenge. */
  readonly nonce: Uint8Array;
};

export type RedeemResult =
  | {
      readonly type: 'grant';
      /** Not verified yet. */
      readonly voucher: Uint8Array;
      readonly jws: string;
      readonly manifest: Uint8Array | undefined;
    }
  | { readonly type: 'refusal' /** Not verified yet. */; readonly refusal: Uint8Array };

export type ReceiptResult = { readonly stored: boolean; readonly code: ErrorCode | undefined };

/** A problem whose answer said when to come back. */
class ProblemError extends TapsealError {
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, detail: string | undefined, retryAfterMs: number | undefined) {
    super(code, detail);
    this.retryAfterMs = retryAfterMs;
  }
}

export function retryAfterMsOf(error: TapsealError): number | undefined {
  return error instanceof ProblemError ? error.retryAfterMs : undefined;
}

/** The error of a problem+json answer (RFC 9457). */
function problemOf(answer: HttpAnswer): TapsealError {
  const { json } = answer;
  const code = typeof json === 'object' && json !== null && 'code' in json ? json.code : undefined;
  if (!isErrorCode(code)) return new TapsealError('server_answer_invalid', `status ${answer.status}`);
  const detail = typeof json === 'object' && json !== null && 'detail' in json ? json.detail : undefined;
  const shown = typeof detail === 'string' ? detail.slice(0, TEXT_CHARS_MAX) : undefined;
  return new ProblemError(code, shown, answer.retryAfterMs);
}

function parseOffer(json: unknown): OfferView {
  const fields = new AnswerReader('offer', json);
  const action = fields.text('action', NAME_CHARS_MAX);
  if (!actions.some((known) => known === action))
    throw new TapsealError('server_answer_invalid', 'offer: action');
  return {
    id: fields.text('id', NAME_CHARS_MAX),
    title: fields.text('title'),
    action: action as Action,
    amountMinor: fields.uint('amountMinor', AMOUNT_MINOR_MAX),
    ...(fields.has('currency') ? { currency: fields.text('currency', NAME_CHARS_MAX) } : {}),
    open: fields.flag('open'),
    ...(fields.has('code') ? { code: fields.code('code') } : {}),
    ...(fields.has('rule') ? { rule: fields.text('rule') } : {}),
    ...(fields.has('resetsAt') ? { resetsAt: fields.instant('resetsAt') } : {}),
  };
}

function parseNonce(fields: AnswerReader): Uint8Array {
  return fields.bytes('nonce', SERVER_NONCE_BYTES, SERVER_NONCE_BYTES);
}

export class Server {
  readonly #http: Http;
  readonly #base: string;

  constructor(http: Http, programme: string) {
    this.#http = http;
    this.#base = `/v1/programmes/${encodeURIComponent(programme)}`;
  }

  /** 40 bytes. */
  async fetchNonce(): Promise<Uint8Array> {
    return parseNonce(new AnswerReader('nonce', await this.#call('POST', `${this.#base}/nonces`)));
  }

  async register(programme: string, registration: Uint8Array): Promise<StoredRegistration> {
    const body: RegisterBody = { registration: bytesToBase64url(registration) };
    const fields = new AnswerReader('registration', await this.#call('POST', `${this.#base}/phones`, body));
    const chain = fields.list('chain', CERTIFICATES_MAX).map((certificate) => {
      return new AnswerReader('registration', { certificate }).text('certificate', CERTIFICATE_CHARS_MAX);
    });
    return {
      programme,
      phoneId: fields.hex('phoneId', PHONE_ID_BYTES),
      shopper: fields.text('shopper'),
      certificates: [fields.text('certificate', CERTIFICATE_CHARS_MAX), ...chain],
    };
  }

  async resolve(body: ResolveBody): Promise<Resolved> {
    const fields = new AnswerReader('resolve', await this.#call('POST', `${this.#base}/resolve`, body));
    const touchpoint = fields.object('touchpoint');
    return {
      touchpoint: {
        id: touchpoint.hex('id', ID_BYTES),
        name: touchpoint.text('name', NAME_CHARS_MAX),
        title: touchpoint.text('title'),
        place: touchpoint.text('place'),
      },
      offers: fields.list('offers', OFFERS_MAX).map(parseOffer),
      nonce: parseNonce(fields),
    };
  }

  /** A refusal by rule is a result and not an error: it is signed. */
  async redeem(request: Uint8Array, transactionId: string): Promise<RedeemResult> {
    const body: RedeemBody = { request: bytesToBase64url(request) };
    const answer = await this.#http.request('POST', `${this.#base}/redemptions`, body);
    if (answer.status >= 400) {
      const problem = problemOf(answer);
      const fields = new AnswerReader('problem', answer.json);
      if (!fields.has('refusal')) throw problem;
      return { type: 'refusal', refusal: fields.bytes('refusal', 1, REFUSAL_BYTES_MAX) };
    }
    const fields = new AnswerReader('redemption', answer.json);
    if (fields.hex('transactionId', TRANSACTION_ID_BYTES) !== transactionId)
      throw new TapsealError('server_answer_invalid', 'redemption: transactionId');
    return {
      type: 'grant',
      voucher: fields.bytes('voucher', 1, VOUCHER_BYTES_MAX),
      jws: fields.text('jws', JWS_CHARS_MAX),
      manifest: fields.has('manifest') ? fields.bytes('manifest', 1, MANIFEST_BYTES_MAX) : undefined,
    };
  }

  /** @param receipts base64url, 1 to RECEIPTS_POSTED_MAX */
  async postReceipts(receipts: readonly string[]): Promise<ReceiptResult[]> {
    const body: ReceiptsBody = { receipts: [...receipts] };
    const fields = new AnswerReader('receipts', await this.#call('POST', `${this.#base}/receipts`, body));
    const results = fields.list('results', RECEIPTS_POSTED_MAX).map((json) => {
      const result = new AnswerReader('receipts', json);
      return { stored: result.flag('stored'), code: result.has('code') ? result.code('code') : undefined };
    });
    if (results.length !== receipts.length)
      throw new TapsealError('server_answer_invalid', 'receipts: results');
    return results;
  }

  /** The JWK set, as JSON: parseJwkSet of shared reads it. */
  fetchJwkSet(): Promise<unknown> {
    return this.#call('GET', '/.well-known/jwks.json');
  }

  async #call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const answer = await this.#http.request(method, path, body);
    if (answer.status >= 400) throw problemOf(answer);
    return answer.json;
  }
}
