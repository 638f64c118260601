/** For tests only: a box that is enrolled with real keys, and signs what a box signs. */
import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, PublicKey as X509PublicKey } from '@peculiar/x509';
import { encodeAdvert, epochAt, firstAdvertKey, makeAdvert, nextAdvertKey } from '@tapseal/shared/advert';
import { bytesToBase64url, hexToBytes } from '@tapseal/shared/bytes';
import type { Signer } from '@tapseal/shared/crypto-port';
import { enrolmentSecretHash, parseEnrolmentCode, signEnrolmentBinding } from '@tapseal/shared/enrolment';
import { type Hello, sealHello, signHello } from '@tapseal/shared/hello';
import type { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { FIRST_PREVIOUS_HASH, type Receipt, type ReceiptOutcome, signReceipt } from '@tapseal/shared/receipt';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { rawPrivateKey, signingKeyOf, spkiOf } from '../authority/key-files.js';
import type { EnrolmentCodeAnswer } from '../http/admin-schemas.js';
import { crypto, type TestServer } from './test-server.js';

export async function makeEnrolmentRequest(
  enrolmentCode: string,
): Promise<{ request: EnrolmentRequest; signer: Signer; advertPrivateKey: Uint8Array }> {
  const code = parseEnrolmentCode(enrolmentCode);
  if (code === undefined) throw new Error('the code does not parse');
  const key = generateKeyPairSync('ed25519').privateKey;
  const signer = crypto.signer('Ed25519', rawPrivateKey(key));
  const advertPrivateKey = crypto.randomBytes(32);
  const certificateRequest = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=box',
    signingAlgorithm: { name: 'Ed25519' },
    keys: { privateKey: await signingKeyOf(key), publicKey: await new X509PublicKey(spkiOf(key)).export() },
  });
  const advertKey = crypto.boxKeyPair(advertPrivateKey).publicKey;
  return {
    signer,
    advertPrivateKey,
    request: {
      format: 'tapseal-enrolment-request-1',
      code: code.secret,
      certificateRequest: certificateRequest.toString('pem'),
      binding: bytesToBase64url(
        signEnrolmentBinding(enrolmentSecretHash(crypto, code.secret), advertKey, signer),
      ),
    },
  };
}

export class TestBox {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signer: Signer;
  readonly #server: TestServer;
  readonly #firstAdvertKey: Uint8Array;
  counterS = 0;
  manifestVersion = 0;
  #receiptCounter = 0;
  #previousHash: Uint8Array = FIRST_PREVIOUS_HASH;

  constructor(
    server: TestServer,
    name: string,
    id: Uint8Array,
    keys: { signer: Signer; advertPrivateKey: Uint8Array },
  ) {
    this.#server = server;
    this.name = name;
    this.id = id;
    this.signer = keys.signer;
    const secret = crypto.x25519(keys.advertPrivateKey, server.authority.sealKey.publicKey);
    this.#firstAdvertKey = firstAdvertKey(crypto, secret ?? new Uint8Array(32), id);
  }

  static async enrol(server: TestServer, name: string): Promise<TestBox> {
    const added = await server.admin<EnrolmentCodeAnswer>('POST', '/touchpoints', { name });
    const { request, ...keys } = await makeEnrolmentRequest(added.body.enrolmentCode);
    const answer = await server.call<EnrolmentResponse>('POST', '/v1/enrolments', request);
    const id = hexToBytes(answer.body.touchpointId, 8);
    if (id === undefined) throw new Error(`enrolment failed: ${JSON.stringify(answer.body)}`);
    const box = new TestBox(server, name, id, keys);
    box.manifestVersion = (await server.context.store.findManifest('venue'))?.version ?? 0;
    return box;
  }

  /** A sealed hello. */
  hello(challenge: Uint8Array, changes: Partial<Hello> = {}, signer = this.signer): Uint8Array {
    const hello = {
      touchpointId: this.id,
      boxNonce: crypto.randomBytes(16),
      challenge,
      bootCounter: 1,
      counterS: this.counterS,
      manifestVersion: this.manifestVersion,
      ...changes,
    };
    return sealHello(crypto, this.#server.authority.sealKey.publicKey, signHello(hello, signer));
  }

  /** 24 bytes, as a phone hands them in. */
  advert(): Uint8Array {
    let key = this.#firstAdvertKey;
    for (let epoch = 0; epoch < epochAt(this.counterS); epoch++) key = nextAdvertKey(crypto, key);
    return encodeAdvert(makeAdvert(crypto, key, crypto.randomBytes(8)));
  }

  /** The next receipt of the chain, for a voucher. */
  receipt(
    voucher: Uint8Array,
    outcome: ReceiptOutcome = 'actuated',
    changes: Partial<Receipt> = {},
  ): Uint8Array {
    this.#receiptCounter += 1;
    const receipt = signReceipt(
      {
        touchpointId: this.id,
        transactionId: decodeVoucher(voucher).voucher.transactionId,
        voucherHash: crypto.sha256(voucher),
        outcome,
        counter: this.#receiptCounter,
        previousHash: this.#previousHash,
        ...changes,
      },
      this.signer,
    );
    this.#previousHash = crypto.sha256(receipt);
    return receipt;
  }
}
