/** A certificate server as far as a box sees it: issues certificates, manifests and vouchers with real keys. For tests. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { firstAdvertKey } from '@tapseal/shared/advert';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { BoxKeyPair, CryptoPort, Signer } from '@tapseal/shared/crypto-port';
import { makeEnrolmentCode, verifyEnrolmentBinding } from '@tapseal/shared/enrolment';
import { decodeHello, type Hello, openHello } from '@tapseal/shared/hello';
import type { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { voucherKeyIdOf } from '@tapseal/shared/key-id';
import { type Manifest, signManifest } from '@tapseal/shared/manifest';
import { signVoucher, type Voucher } from '@tapseal/shared/voucher';
import { pkcs8OfSeed, spkiOfSeed } from '../enrol/key-file.js';

const algorithm = { name: 'Ed25519' };
export const PROGRAMME = 'test';
/** As of a voucher, unless the test says otherwise. */
export const SERVER_TIME_S = 1_790_000_000;

async function keyPair(seed: Uint8Array): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8OfSeed(seed), algorithm, false, ['sign']),
    publicKey: await subtle.importKey('spki', spkiOfSeed(seed), algorithm, true, ['verify']),
  };
}

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2046-01-01T00:00:00Z') };

export class TestAuthority {
  readonly root: Signer;
  readonly voucherKey: Signer;
  readonly sealKey: BoxKeyPair;
  readonly rootCertificate: X509Certificate;
  readonly issuingCertificate: X509Certificate;
  readonly #crypto: CryptoPort;
  readonly #issuingSeed: Uint8Array;

  private constructor(
    crypto: CryptoPort,
    seeds: { root: Uint8Array; issuing: Uint8Array; voucher: Uint8Array; seal: Uint8Array },
    certificates: { root: X509Certificate; issuing: X509Certificate },
  ) {
    this.#crypto = crypto;
    this.#issuingSeed = seeds.issuing;
    this.root = crypto.signer('Ed25519', seeds.root);
    this.voucherKey = crypto.signer('Ed25519', seeds.voucher);
    this.sealKey = crypto.boxKeyPair(seeds.seal);
    this.rootCertificate = certificates.root;
    this.issuingCertificate = certificates.issuing;
  }

  static async make(crypto: CryptoPort = createNativeCrypto()): Promise<TestAuthority> {
    const random = (): Uint8Array => crypto.randomBytes(32);
    const seeds = { root: random(), issuing: random(), voucher: random(), seal: random() };
    const rootKeys = await keyPair(seeds.root);
    const issuingKeys = await keyPair(seeds.issuing);
    const root = await X509CertificateGenerator.createSelfSigned(
      {
        ...validity,
        serialNumber: '01',
        name: 'CN=Test root',
        keys: rootKeys,
        signingAlgorithm: algorithm,
        extensions: [new BasicConstraintsExtension(true, 2, true)],
      },
      webcrypto,
    );
    const issuing = await X509CertificateGenerator.create(
      {
        ...validity,
        serialNumber: '02',
        subject: 'CN=Test issuing authority',
        issuer: root.subject,
        publicKey: issuingKeys.publicKey,
        signingKey: rootKeys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new BasicConstraintsExtension(true, 0, true)],
      },
      webcrypto,
    );
    return new TestAuthority(crypto, seeds, { root, issuing });
  }

  makeCode(): ReturnType<typeof makeEnrolmentCode> {
    return makeEnrolmentCode(this.#crypto, new Uint8Array(this.rootCertificate.rawData));
  }

  get voucherKeyId(): Uint8Array {
    return voucherKeyIdOf(this.#crypto, this.voucherKey.publicKey);
  }

  manifest(changes: Partial<Manifest> = {}): Uint8Array {
    return signManifest(
      {
        programme: PROGRAMME,
        version: 1,
        issuedAtS: SERVER_TIME_S,
        voucherKeys: [this.voucherKey.publicKey.bytes],
        sealKey: this.sealKey.publicKey,
        revokedTouchpoints: [],
        revokedVoucherKeys: [],
        ...changes,
      },
      this.root,
    );
  }

  async enrol(
    request: EnrolmentRequest,
    options: { secretHash: Uint8Array; touchpointId: Uint8Array; name?: string },
  ): Promise<{ readonly response: EnrolmentResponse; readonly advertKey: Uint8Array }> {
    const csr = new Pkcs10CertificateRequest(request.certificateRequest);
    const issuingKeys = await keyPair(this.#issuingSeed);
    const box = await X509CertificateGenerator.create(
      {
        ...validity,
        serialNumber: '03',
        subject: [
          { O: [PROGRAMME] },
          { OU: ['touchpoint'] },
          { CN: [options.name ?? 'lobby-1'] },
          { '2.5.4.5': [bytesToHex(options.touchpointId)] },
        ],
        issuer: this.issuingCertificate.subject,
        publicKey: await csr.publicKey.export(webcrypto),
        signingKey: issuingKeys.privateKey,
        signingAlgorithm: algorithm,
      },
      webcrypto,
    );
    const spki = new Uint8Array(csr.publicKey.rawData);
    const boxKey = { algorithm: 'Ed25519' as const, bytes: spki.slice(spki.length - 32) };
    const binding = Uint8Array.from(Buffer.from(request.binding, 'base64url'));
    const advertPublicKey = verifyEnrolmentBinding(this.#crypto, binding, boxKey, options.secretHash);
    const shared = this.#crypto.x25519(this.sealKey.privateKey, advertPublicKey);
    if (shared === undefined) throw new Error('low-order key');
    return {
      response: {
        format: 'tapseal-enrolment-response-1',
        programme: PROGRAMME,
        touchpointId: bytesToHex(options.touchpointId),
        name: options.name ?? 'lobby-1',
        certificates: [box, this.issuingCertificate, this.rootCertificate].map((certificate) =>
          certificate.toString('pem'),
        ),
        manifest: bytesToBase64url(this.manifest()),
      },
      advertKey: firstAdvertKey(this.#crypto, shared, options.touchpointId),
    };
  }

  openHello(sealed: Uint8Array): Hello {
    return decodeHello(openHello(this.#crypto, this.sealKey, sealed)).hello;
  }

  voucher(
    hello: Pick<Hello, 'touchpointId' | 'boxNonce'>,
    changes: Partial<Voucher> = {},
    signer = this.voucherKey,
  ): Uint8Array {
    const voucher: Voucher = {
      touchpointId: hello.touchpointId,
      boxNonce: hello.boxNonce,
      transactionId: this.#crypto.randomBytes(16),
      action: 'open',
      amountMinor: 0,
      serverTimeS: SERVER_TIME_S,
      manifestVersion: 1,
      receiptsThrough: 0,
      requestHash: this.#crypto.randomBytes(16),
      offerHash: this.#crypto.randomBytes(16),
      ...changes,
    };
    return signVoucher(voucher, signer, voucherKeyIdOf(this.#crypto, signer.publicKey));
  }
}
