/** Who the box is: what its enrolment gave it, besides keys and counters. */
import { X509Certificate } from 'node:crypto';
import { ID_BYTES } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import type { PublicKey } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';

export type BoxIdentity = {
  readonly programme: string;
  /** Of the touchpoint, as the operator named it. */
  readonly name: string;
  /** 8 bytes. */
  readonly touchpointId: Uint8Array;
  /** PEM: of the box, of the issuing authority, of the root. */
  readonly certificates: readonly [string, string, string];
};

export function encodeIdentity(identity: BoxIdentity): string {
  const { touchpointId, ...rest } = identity;
  return `${JSON.stringify({ ...rest, touchpointId: bytesToHex(touchpointId) }, undefined, 2)}\n`;
}

/** @throws TapsealError storage_corrupt */
export function decodeIdentity(text: string): BoxIdentity {
  try {
    const value: Record<string, unknown> = JSON.parse(text);
    const { programme, name, touchpointId, certificates } = value;
    const id = typeof touchpointId === 'string' ? hexToBytes(touchpointId, ID_BYTES) : undefined;
    if (
      typeof programme === 'string' &&
      typeof name === 'string' &&
      id !== undefined &&
      Array.isArray(certificates)
    ) {
      const [box, issuing, root]: unknown[] = certificates;
      if (typeof box === 'string' && typeof issuing === 'string' && typeof root === 'string')
        return { programme, name, touchpointId: id, certificates: [box, issuing, root] };
    }
  } catch (cause) {
    throw new TapsealError('storage_corrupt', 'identity file', { cause });
  }
  throw new TapsealError('storage_corrupt', 'identity file');
}

/** The Ed25519 key of a certificate, or undefined if its key is of another kind. */
export function ed25519KeyOf(certificate: X509Certificate): PublicKey | undefined {
  const { crv, x } = certificate.publicKey.export({ format: 'jwk' });
  const bytes = crv === 'Ed25519' && x !== undefined ? base64urlToBytes(x, 32) : undefined;
  return bytes?.length === 32 ? { algorithm: 'Ed25519', bytes } : undefined;
}

/** @throws TapsealError storage_corrupt */
export function rootKeyOf(identity: BoxIdentity): PublicKey {
  try {
    const key = ed25519KeyOf(new X509Certificate(identity.certificates[2]));
    if (key !== undefined) return key;
  } catch (cause) {
    throw new TapsealError('storage_corrupt', 'root certificate', { cause });
  }
  throw new TapsealError('storage_corrupt', 'root certificate');
}
