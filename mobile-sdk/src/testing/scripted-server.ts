/**
 * The http port for tests of the core: the server's part of the protocol from the functions of shared, and a script of what
 * the network does. It stands for the port; the server has its own package.
 */
import { base64urlToBytes, bytesToBase64url, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import type { CryptoPort, PublicKey, Randomness, Signer } from '@tapseal/shared/crypto-port';
import { type ErrorCode, errorTable } from '@tapseal/shared/error-codes';
import { decodeHello, openHello } from '@tapseal/shared/hello';
import type { OfferView } from '@tapseal/shared/http-api';
import { encodeJwk } from '@tapseal/shared/jwk';
import { phoneIdOf, voucherKeyIdOf } from '@tapseal/shared/key-id';
import { signRefusal } from '@tapseal/shared/refusal';
import { verifyRegistration } from '@tapseal/shared/registration';
import { decodeRequest, verifyRequest } from '@tapseal/shared/request';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { truncatedHash } from '@tapseal/shared/truncated-hash';
import { signVoucher, type Voucher } from '@tapseal/shared/voucher';
import { signVoucherJws, voucherClaims } from '@tapseal/shared/voucher-jws';
import { type VoucherKey, voucherKeyOf } from '@tapseal/shared/voucher-key';
import type { Http, HttpAnswer } from '../core/ports.js';
import type { ScriptedBox } from './scripted-box.js';
import type { VirtualClock } from './virtual-clock.js';

const ROUND_TRIP_MS = 60;

/** `request`: nothing arrives. `answer`: the server has done it, and the phone does not hear. */
export type NetworkFault = 'request' | 'answer';

export type Route = 'nonces' | 'phones' | 'resolve' | 'redemptions' | 'receipts' | 'jwks.json';

/** The bodies of all routes in one; the phone's own types are checked where it makes them. */
type Body = {
  readonly registration?: string;
  readonly advert?: string;
  readonly hello?: string;
  readonly request?: string;
  readonly receipts?: readonly string[];
};

export class ScriptedServer implements Http {
  readonly sealKey: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
  voucherSigner: Signer;
  readonly boxes: ScriptedBox[] = [];
  readonly faults: { readonly route: Route; readonly fault: NetworkFault }[] = [];
  readonly calls: Route[] = [];
  readonly redemptionBodies: string[] = [];
  readonly receipts: string[] = [];
  readonly decisions = new Map<string, HttpAnswer>();
  offers: OfferView[] = [
    { id: 'free-coffee', title: 'A coffee', action: 'dispense', amountMinor: 250, open: true },
  ];
  /** Knows no adverts: only hellos. */
  advertsUnknown = false;
  manifest: Uint8Array | undefined;
  refuseWith: ErrorCode | undefined;
  problem: { readonly route: Route; readonly code: ErrorCode } | undefined;
  /** Changes what is signed, after which the signature is made. */
  voucherEdit: (voucher: Voucher) => Voucher = (voucher) => voucher;
  /** Changes the bytes of a signed answer. */
  tamper: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  /** Judges posted receipts; stored unless it says a code. */
  judgeReceipt: (receipt: string) => ErrorCode | undefined = () => undefined;
  /** A longer batch of receipts is refused as a whole. */
  batchesMax = 16;
  readonly #clock: VirtualClock;
  readonly #crypto: CryptoPort;
  readonly #random: Randomness;
  readonly #phones = new Map<string, PublicKey>();

  constructor(clock: VirtualClock, crypto: CryptoPort, random: Randomness) {
    this.#clock = clock;
    this.#crypto = crypto;
    this.#random = random;
    this.sealKey = crypto.boxKeyPair(random.randomBytes(32));
    this.voucherSigner = crypto.signer('Ed25519', random.randomBytes(32));
  }

  voucherKeys(): readonly VoucherKey[] {
    return [voucherKeyOf(this.#crypto, this.voucherSigner.publicKey.bytes)];
  }

  rotateVoucherKey(): void {
    this.voucherSigner = this.#crypto.signer('Ed25519', this.#random.randomBytes(32));
  }

  count(route: Route): number {
    return this.calls.filter((call) => call === route).length;
  }

  async request(_method: 'GET' | 'POST', path: string, body?: object): Promise<HttpAnswer> {
    const route = path.slice(path.lastIndexOf('/') + 1) as Route;
    this.calls.push(route);
    const fault = this.faults.findIndex((candidate) => candidate.route === route);
    const [planned] = fault < 0 ? [] : this.faults.splice(fault, 1);
    await this.#clock.wait(ROUND_TRIP_MS / 2);
    if (planned?.fault === 'request') throw new TapsealError('network_unavailable');
    const answer = this.#answer(route, (body ?? {}) as Body);
    await this.#clock.wait(ROUND_TRIP_MS / 2);
    if (planned?.fault === 'answer') throw new TapsealError('network_unavailable');
    return answer;
  }

  #answer(route: Route, body: Body): HttpAnswer {
    if (route === 'redemptions') this.redemptionBodies.push(body.request ?? '');
    if (this.problem?.route === route) return problem(this.problem.code);
    switch (route) {
      case 'nonces':
        return ok({ nonce: this.#nonce(), expiresInMs: 120_000 });
      case 'phones':
        return this.#register(decode(body.registration));
      case 'resolve':
        return this.#resolve(body);
      case 'redemptions':
        return this.#redeem(decode(body.request));
      case 'receipts':
        return this.#takeReceipts(body.receipts ?? []);
      case 'jwks.json':
        return ok({ keys: [encodeJwk(this.#crypto, this.voucherSigner.publicKey.bytes)] });
    }
  }

  #nonce(): string {
    return bytesToBase64url(this.#random.randomBytes(40));
  }

  #register(registration: Uint8Array): HttpAnswer {
    const { publicKey } = verifyRegistration(this.#crypto, registration);
    const phoneId = bytesToHex(phoneIdOf(this.#crypto, publicKey));
    this.#phones.set(phoneId, publicKey);
    return ok({ phoneId, shopper: `shopper-of-${phoneId}`, certificate: 'PEM', chain: ['PEM', 'PEM'] });
  }

  #resolve(body: Body): HttpAnswer {
    const box = this.#boxOf(body);
    if (box === undefined) return problem('advert_unknown');
    return ok({
      touchpoint: { id: box.idHex, name: box.options.deviceId, title: 'A box', place: 'Lobby' },
      offers: this.offers,
      nonce: this.#nonce(),
    });
  }

  #boxOf(body: Body): ScriptedBox | undefined {
    if (body.hello !== undefined) return this.#helloOf(decode(body.hello)).box;
    if (this.advertsUnknown) return undefined;
    const asked = bytesToHex(decode(body.advert)).slice(0, 16);
    return this.boxes.find((box) => bytesToHex(box.advert()).slice(0, 16) === asked);
  }

  #helloOf(sealed: Uint8Array) {
    const { hello } = decodeHello(openHello(this.#crypto, this.sealKey, sealed));
    const box = this.boxes.find((candidate) => candidate.idHex === bytesToHex(hello.touchpointId));
    return { box, hello };
  }

  #redeem(bytes: Uint8Array): HttpAnswer {
    const { message, request } = decodeRequest(bytes);
    const phone = this.#phones.get(bytesToHex(request.phoneId));
    if (phone === undefined) return problem('phone_unknown');
    verifyRequest(this.#crypto, message, phone);
    const id = bytesToHex(request.transactionId);
    const before = this.decisions.get(id);
    if (before !== undefined) return before;
    const requestHash = this.#crypto.sha256(bytes);
    const { transactionId } = request;
    const keyId = voucherKeyIdOf(this.#crypto, this.voucherSigner.publicKey);
    let answer: HttpAnswer;
    if (this.refuseWith !== undefined) {
      const refusal = {
        transactionId,
        code: this.refuseWith,
        rule: 'per shopper, week',
        used: 1,
        maximum: 1,
        resetsAtS: 1_800_000_000,
        serverTimeS: 1_799_000_000,
        requestHash,
      };
      const signed = this.tamper(signRefusal(refusal, this.voucherSigner, keyId));
      answer = problem(this.refuseWith, bytesToBase64url(signed));
    } else {
      const { hello } = this.#helloOf(request.sealedHello);
      const offerHash = this.#crypto.sha256(utf8(request.offer));
      const voucher = {
        touchpointId: hello.touchpointId,
        boxNonce: hello.boxNonce,
        transactionId,
        action: 'dispense' as const,
        amountMinor: request.amountMinor,
        serverTimeS: 1_799_000_000,
        manifestVersion: 1,
        receiptsThrough: 0,
        requestHash: truncatedHash(requestHash),
        offerHash: truncatedHash(offerHash),
      };
      const grounds = { programme: 'demo', offer: request.offer, offerVersion: 1, offerHash, requestHash };
      const signed = this.tamper(signVoucher(this.voucherEdit(voucher), this.voucherSigner, keyId));
      answer = ok({
        transactionId: id,
        voucher: bytesToBase64url(signed),
        jws: signVoucherJws(this.#crypto, voucherClaims(voucher, grounds), this.voucherSigner),
        ...(this.manifest === undefined ? {} : { manifest: bytesToBase64url(this.manifest) }),
      });
    }
    this.decisions.set(id, answer);
    return answer;
  }

  #takeReceipts(receipts: readonly string[]): HttpAnswer {
    if (receipts.length > this.batchesMax) return problem('body_invalid');
    return ok({
      results: receipts.map((receipt) => {
        const code = this.judgeReceipt(receipt);
        if (code !== undefined) return { stored: false, code };
        this.receipts.push(receipt);
        return { stored: true };
      }),
    });
  }
}

function decode(text: string | undefined): Uint8Array {
  return base64urlToBytes(text ?? '', 4_096) ?? new Uint8Array();
}

function ok(json: unknown): HttpAnswer {
  return { status: 200, json, retryAfterMs: undefined };
}

function problem(code: ErrorCode, refusal?: string): HttpAnswer {
  const { title, advice, ...rest } = errorTable[code];
  const status = 'http' in rest && rest.http !== undefined ? rest.http : 500;
  const json = {
    type: `urn:tapseal:problem:${code}`,
    title,
    status,
    code,
    advice,
    ...(refusal === undefined ? {} : { refusal }),
  };
  return { status, json, retryAfterMs: undefined };
}
