/** The mind of a phone whose body is raw-phone-main: a key, and what a phone says to the server, honest or not. */

import { base64urlToBytes, bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { challengeOf, encodeChallenge } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { KeyAlgorithm, Signer } from '@tapseal/shared/crypto-port';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signRegistration } from '@tapseal/shared/registration';
import { signRequest } from '@tapseal/shared/request';
import type { Answer, Body, ServerLine } from './server-line.js';

export const PROGRAMME = 'demo';
export const crypto = createNativeCrypto();

/** What a challenge is made of: one nonce, this phone, one transaction. */
export type Question = {
  readonly serverNonce: Uint8Array;
  readonly transactionId: Uint8Array;
  /** As the box gets it: version, suite, 16 bytes. */
  readonly challenge: Uint8Array;
};

export type RequestParts = {
  readonly question: Pick<Question, 'serverNonce' | 'transactionId'>;
  readonly sealedHello: Uint8Array;
  readonly offer: string;
  readonly amountMinor?: number;
};

export function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? base64urlToBytes(value, 16_384) : undefined;
  if (bytes === undefined) throw new Error(`not base64url: ${String(value)}`);
  return bytes;
}

export class PhoneBrain {
  readonly server: ServerLine;
  readonly privateKey: Uint8Array;
  readonly signer: Signer;
  /** 16 bytes. */
  readonly phoneId: Uint8Array;
  shopper = '';

  constructor(server: ServerLine, algorithm: KeyAlgorithm = 'Ed25519') {
    this.server = server;
    this.privateKey = crypto.randomBytes(32);
    this.signer = crypto.signer(algorithm, this.privateKey);
    this.phoneId = phoneIdOf(crypto, this.signer.publicKey);
  }

  post(path: string, body?: Body): Promise<Answer> {
    return this.server.post(`/v1/programmes/${PROGRAMME}${path}`, body);
  }

  async nonce(): Promise<Uint8Array> {
    return bytesOf((await this.post('/nonces')).json.nonce);
  }

  async registration(): Promise<Uint8Array> {
    return signRegistration(PROGRAMME, await this.nonce(), this.signer);
  }

  async register(): Promise<void> {
    const answer = await this.post('/phones', { registration: bytesToBase64url(await this.registration()) });
    if (answer.status !== 200) throw new Error(`registration: ${answer.text}`);
    this.shopper = String(answer.json.shopper);
  }

  async question(): Promise<Question> {
    return this.questionOf(await this.nonce(), crypto.randomBytes(16));
  }

  questionOf(serverNonce: Uint8Array, transactionId: Uint8Array): Question {
    const challenge = encodeChallenge(challengeOf(crypto, serverNonce, this.phoneId, transactionId));
    return { serverNonce, transactionId, challenge };
  }

  request(parts: RequestParts, signer: Signer = this.signer): Promise<Uint8Array> {
    const { question, sealedHello, offer, amountMinor = 0 } = parts;
    const { serverNonce, transactionId } = question;
    return signRequest(
      {
        programme: PROGRAMME,
        serverNonce,
        transactionId,
        phoneId: this.phoneId,
        offer,
        amountMinor,
        sealedHello,
      },
      signer,
    );
  }

  redeem(request: Uint8Array): Promise<Answer> {
    return this.post('/redemptions', { request: bytesToBase64url(request) });
  }

  resolveAdvert(advert: Uint8Array): Promise<Answer> {
    return this.post('/resolve', { advert: bytesToBase64url(advert) });
  }

  resolveHello(
    question: Pick<Question, 'serverNonce' | 'transactionId'>,
    hello: Uint8Array,
  ): Promise<Answer> {
    return this.post('/resolve', {
      hello: bytesToBase64url(hello),
      nonce: bytesToBase64url(question.serverNonce),
      phoneId: bytesToHex(this.phoneId),
      transactionId: bytesToHex(question.transactionId),
    });
  }

  /** @returns one entry for each: `stored`, or the code that says why not */
  async postReceipts(...receipts: readonly Uint8Array[]): Promise<string[]> {
    const answer = await this.post('/receipts', { receipts: receipts.map(bytesToBase64url) });
    if (answer.status !== 200) throw new Error(`receipts: ${answer.text}`);
    const results = answer.json.results as { stored: boolean; code?: string }[];
    return results.map(({ stored, code }) => (stored ? 'stored' : String(code)));
  }
}
