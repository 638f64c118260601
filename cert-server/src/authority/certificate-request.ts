/** PKCS#10 (RFC 2986): the key of a box and its proof of possession. The subject that it asks for is not used. */
import 'reflect-metadata';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import type { PublicKey } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';

const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * @param pem bounded by the schema of the route
 * @throws TapsealError enrolment_request_invalid unless it is signed by the Ed25519 key that it names
 */
export async function verifyCertificateRequest(pem: string): Promise<PublicKey> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const spki = Buffer.from(request.publicKey.rawData);
    const isEd25519 = spki.length === 44 && spki.subarray(0, 12).equals(ed25519SpkiPrefix);
    if (isEd25519 && (await request.verify())) {
      return { algorithm: 'Ed25519', bytes: Uint8Array.from(spki.subarray(12)) };
    }
  } catch (cause) {
    throw new TapsealError('enrolment_request_invalid', 'PKCS#10', { cause });
  }
  throw new TapsealError('enrolment_request_invalid', 'PKCS#10');
}
