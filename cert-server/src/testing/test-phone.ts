/** For tests only: a phone that is registered with a real key, and asks as a phone asks. */
import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { KeyAlgorithm, Signer } from '@tapseal/shared/crypto-port';
import type { NonceAnswer, RedeemAnswer, RegisterAnswer } from '@tapseal/shared/http-api';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signRegistration } from '@tapseal/shared/registration';
import { type Request, signRequest } from '@tapseal/shared/request';
import type { TestBox } from './test-box.js';
import { type Answer, crypto, type TestServer } from './test-server.js';

const base = '/v1/programmes/venue';

export function bytesOfText(text: string): Uint8Array {
  const bytes = base64urlToBytes(text, 100_000);
  if (bytes === undefined) throw new Error('not base64url');
  return bytes;
}

function newSigner(algorithm: KeyAlgorithm): Signer {
  const key = crypto.randomBytes(32);
  // The order of P-256 begins with 32 ones: with this bit off, any scalar is in its range.
  key[0] = (key[0] ?? 0) & 0x7f;
  return crypto.signer(algorithm, key);
}

export class TestPhone {
  readonly signer: Signer;
  readonly id: Uint8Array;
  readonly #server: TestServer;
  shopper = '';
  certificate = '';

  constructor(server: TestServer, algorithm: KeyAlgorithm = 'Ed25519') {
    this.#server = server;
    this.signer = newSigner(algorithm);
    this.id = phoneIdOf(crypto, this.signer.publicKey);
  }

  static async register(server: TestServer, algorithm: KeyAlgorithm = 'Ed25519'): Promise<TestPhone> {
    const phone = new TestPhone(server, algorithm);
    const answer = await phone.register();
    if (answer.status !== 200) throw new Error(`registration failed: ${JSON.stringify(answer.body)}`);
    return phone;
  }

  async nonce(): Promise<Uint8Array> {
    const answer = await this.#server.call<NonceAnswer>('POST', `${base}/nonces`);
    return bytesOfText(answer.body.nonce);
  }

  async register(shopper?: string, token?: string): Promise<Answer<RegisterAnswer>> {
    const registration = await signRegistration('venue', await this.nonce(), this.signer);
    const body = {
      registration: bytesToBase64url(registration),
      ...(shopper === undefined ? {} : { shopper }),
    };
    const answer = await this.#server.call<RegisterAnswer>('POST', `${base}/phones`, body, token);
    this.shopper = answer.body.shopper;
    this.certificate = answer.body.certificate;
    return answer;
  }

  /** A request that is signed and good, unless `changes` spoil it. */
  async request(
    box: TestBox,
    offer: string,
    changes: Partial<Request> = {},
    signer = this.signer,
  ): Promise<Uint8Array> {
    const serverNonce = changes.serverNonce ?? (await this.nonce());
    const transactionId = changes.transactionId ?? crypto.randomBytes(16);
    const challenge = challengeOf(crypto, serverNonce, this.id, transactionId);
    return signRequest(
      {
        programme: 'venue',
        serverNonce,
        transactionId,
        phoneId: this.id,
        offer,
        amountMinor: 0,
        sealedHello: box.hello(challenge),
        ...changes,
      },
      signer,
    );
  }

  redeem(request: Uint8Array): Promise<Answer<RedeemAnswer>> {
    return this.#server.call<RedeemAnswer>('POST', `${base}/redemptions`, {
      request: bytesToBase64url(request),
    });
  }

  /** A whole tap. */
  async tap(box: TestBox, offer: string): Promise<Answer<RedeemAnswer>> {
    return this.redeem(await this.request(box, offer));
  }
}
