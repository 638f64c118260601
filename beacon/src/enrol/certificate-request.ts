/** The PKCS#10 request (RFC 2986) of the box's key. The only file that loads the X.509 library. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { pkcs8OfSeed, spkiOfSeed } from './key-file.js';

/** The server names the box; what the request says is only there because a request needs a subject. */
const SUBJECT = 'CN=tapseal touchpoint';

/** @returns PEM */
export async function makeCertificateRequest(seed: Uint8Array): Promise<string> {
  const algorithm = { name: 'Ed25519' };
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey('pkcs8', pkcs8OfSeed(seed), algorithm, false, ['sign']),
    publicKey: await subtle.importKey('spki', spkiOfSeed(seed), algorithm, true, ['verify']),
  };
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: SUBJECT, keys, signingAlgorithm: algorithm },
    webcrypto,
  );
  return request.toString('pem');
}
