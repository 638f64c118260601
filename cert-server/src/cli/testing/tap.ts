/**
 * A box and a phone without a radio between them, over the server's own HTTP interface: enough of both to get a grant, with
 * the messages of @tapseal/shared.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { base64urlToBytes, bytesToBase64url, hexToBytes } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';
import { enrolmentSecretHash, parseEnrolmentCode, signEnrolmentBinding } from '@tapseal/shared/enrolment';
import { sealHello, signHello } from '@tapseal/shared/hello';
import {
  type EnrolmentRequest,
  type EnrolmentResponse,
  NonceAnswer,
  RedeemAnswer,
  RegisterAnswer,
} from '@tapseal/shared/http-api';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signReceipt } from '@tapseal/shared/receipt';
import { signRegistration } from '@tapseal/shared/registration';
import { signRequest } from '@tapseal/shared/request';
import { Type } from '@tapseal/shared/type-builder';
import { ApiClient } from '../api-client.js';

const crypto = createNativeCrypto();

function bytesOf(text: string): Uint8Array {
  return base64urlToBytes(text, 16_384) ?? new Uint8Array();
}

export type TestBox = { readonly signer: Signer; readonly request: EnrolmentRequest };

/** What a box writes when it is told its code. */
export async function makeBox(enrolmentCode: string): Promise<TestBox> {
  const code = parseEnrolmentCode(enrolmentCode);
  if (code === undefined) throw new Error('no enrolment code');
  const keys = (await webcrypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const pkcs8 = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const signer = crypto.signer('Ed25519', pkcs8.slice(-32));
  const certificateRequest = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=box',
    keys,
    signingAlgorithm: { name: 'Ed25519' },
  });
  const advertKey = crypto.boxKeyPair(crypto.randomBytes(32)).publicKey;
  const binding = signEnrolmentBinding(enrolmentSecretHash(crypto, code.secret), advertKey, signer);
  return {
    signer,
    request: {
      format: 'tapseal-enrolment-request-1',
      code: code.secret,
      certificateRequest: certificateRequest.toString('pem'),
      binding: bytesToBase64url(binding),
    },
  };
}

export class TestPhone {
  readonly #client: ApiClient;
  readonly #programme: string;
  readonly #route: string;
  readonly #signer = crypto.signer('Ed25519', crypto.randomBytes(32));

  /** @param ca root certificate of the server, PEM */
  constructor(url: string, ca: string, programme: string) {
    this.#client = new ApiClient({ server: new URL(url), ca });
    this.#programme = programme;
    this.#route = `/v1/programmes/${programme}`;
  }

  get id(): Uint8Array {
    return phoneIdOf(crypto, this.#signer.publicKey);
  }

  async #nonce(): Promise<Uint8Array> {
    const answer = await this.#client.call({ method: 'POST', path: `${this.#route}/nonces` }, NonceAnswer);
    return bytesOf(answer.nonce);
  }

  async register(): Promise<void> {
    const registration = await signRegistration(this.#programme, await this.#nonce(), this.#signer);
    const body = { registration: bytesToBase64url(registration) };
    await this.#client.call({ method: 'POST', path: `${this.#route}/phones`, body }, RegisterAnswer);
  }

  /** @param sealKey X25519 key of the server, 32 bytes */
  async redeem(
    box: { signer: Signer; enrolment: EnrolmentResponse; sealKey: Uint8Array },
    offer: string,
  ): Promise<RedeemAnswer> {
    const { programme, touchpointId } = box.enrolment;
    const serverNonce = await this.#nonce();
    const transactionId = crypto.randomBytes(16);
    const hello = signHello(
      {
        touchpointId: hexToBytes(touchpointId, 8) ?? new Uint8Array(),
        boxNonce: crypto.randomBytes(16),
        challenge: challengeOf(crypto, serverNonce, this.id, transactionId),
        bootCounter: 1,
        counterS: 100,
        manifestVersion: 1,
      },
      box.signer,
    );
    const request = await signRequest(
      {
        programme,
        serverNonce,
        transactionId,
        phoneId: this.id,
        offer,
        amountMinor: 0,
        sealedHello: sealHello(crypto, box.sealKey, hello),
      },
      this.#signer,
    );
    const body = { request: bytesToBase64url(request) };
    return this.#client.call({ method: 'POST', path: `${this.#route}/redemptions`, body }, RedeemAnswer);
  }

  /** The box acted, and this phone hands its first receipt in. */
  async deliver(box: { signer: Signer; enrolment: EnrolmentResponse }, answer: RedeemAnswer): Promise<void> {
    const receipt = signReceipt(
      {
        touchpointId: hexToBytes(box.enrolment.touchpointId, 8) ?? new Uint8Array(),
        transactionId: hexToBytes(answer.transactionId, 16) ?? new Uint8Array(),
        voucherHash: crypto.sha256(bytesOf(answer.voucher)),
        outcome: 'actuated',
        counter: 1,
        previousHash: new Uint8Array(32),
      },
      box.signer,
    );
    await this.#client.call(
      { method: 'POST', path: `${this.#route}/receipts`, body: { receipts: [bytesToBase64url(receipt)] } },
      Type.Object({ results: Type.Array(Type.Object({ stored: Type.Literal(true) })) }),
    );
  }
}
