/**
 * COSE_Sign1 (RFC 9052 §4.2), untagged, for the kinds of this protocol and nothing else. No well-kept package does this;
 * see docs/decisions/001-cose-by-hand.md. Each kind has its own external_aad, so that no signature of one kind passes for another.
 */
import { SIGNATURE_BYTES } from './bounds.js';
import { utf8 } from './bytes.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import type {
  AsyncSigner,
  AsyncVerifying,
  KeyAlgorithm,
  PublicKey,
  Signer,
  Verifying,
} from './crypto-port.js';
import type { ErrorCode } from './error-codes.js';
import { FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';

/** Everything that is signed. The name goes into the signature as `tapseal/1/<kind>`. */
export type SignedKind =
  | 'hello'
  | 'request'
  | 'voucher'
  | 'refusal'
  | 'receipt'
  | 'manifest'
  | 'registration'
  | 'enrolment';

export type Sign1 = {
  readonly kind: SignedKind;
  readonly algorithm: KeyAlgorithm;
  /** COSE `kid`, a hint which key to try; present only where the kind has one. */
  readonly keyId: Uint8Array | undefined;
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

// COSE header labels (RFC 9052 §3.1) and algorithms (RFC 9053 §2).
const LABEL_ALGORITHM = 1;
const LABEL_KEY_ID = 4;
const algorithmId: Record<KeyAlgorithm, number> = { Ed25519: -8, 'P-256': -7 };

const externalAad: Record<SignedKind, Uint8Array> = {
  hello: utf8('tapseal/1/hello'),
  request: utf8('tapseal/1/request'),
  voucher: utf8('tapseal/1/voucher'),
  refusal: utf8('tapseal/1/refusal'),
  receipt: utf8('tapseal/1/receipt'),
  manifest: utf8('tapseal/1/manifest'),
  registration: utf8('tapseal/1/registration'),
  enrolment: utf8('tapseal/1/enrolment'),
};

/** The bytes that are signed: Sig_structure (RFC 9052 §4.4) with the context string of the kind. */
export function toBeSigned(kind: SignedKind, protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return encodeCbor(['Signature1', protectedHeader, externalAad[kind], payload]);
}

function encodeProtectedHeader(algorithm: KeyAlgorithm, keyId: Uint8Array | undefined): Uint8Array {
  const header = new Map<number, number | Uint8Array>([[LABEL_ALGORITHM, algorithmId[algorithm]]]);
  if (keyId !== undefined) header.set(LABEL_KEY_ID, keyId);
  return encodeCbor(header);
}

function assemble(protectedHeader: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCbor([protectedHeader, new Map(), payload, signature]);
}

export function sign1(kind: SignedKind, payload: Uint8Array, signer: Signer, keyId?: Uint8Array): Uint8Array {
  const header = encodeProtectedHeader(signer.publicKey.algorithm, keyId);
  return assemble(header, payload, signer.sign(toBeSigned(kind, header, payload)));
}

export async function sign1Async(
  kind: SignedKind,
  payload: Uint8Array,
  signer: AsyncSigner,
  keyId?: Uint8Array,
): Promise<Uint8Array> {
  const header = encodeProtectedHeader(signer.publicKey.algorithm, keyId);
  return assemble(header, payload, await signer.sign(toBeSigned(kind, header, payload)));
}

function decodeProtectedHeader(header: Uint8Array, keyIdLength: number): Pick<Sign1, 'algorithm' | 'keyId'> {
  const map = decodeCbor(header);
  if (!(map instanceof Map)) throw new TapsealError('message_malformed', 'COSE header');
  const keyId: unknown = map.get(LABEL_KEY_ID);
  const keyIdFits =
    keyIdLength === 0 ? keyId === undefined : keyId instanceof Uint8Array && keyId.length === keyIdLength;
  if (!keyIdFits || map.size !== (keyIdLength === 0 ? 1 : 2))
    throw new TapsealError('message_malformed', 'COSE header');
  const id: unknown = map.get(LABEL_ALGORITHM);
  for (const algorithm of ['Ed25519', 'P-256'] as const) {
    if (id === algorithmId[algorithm]) return { algorithm, keyId: keyId as Uint8Array | undefined };
  }
  throw new TapsealError('suite_unsupported', 'COSE alg');
}

/**
 * Splits a message into its parts without trusting any of them: the signature is still to be verified.
 * @param options.bytesMax bound of the kind, checked first
 * @param options.keyIdBytes length of the `kid` that the kind carries, 0 for none
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported
 */
export function decodeSign1(
  kind: SignedKind,
  bytes: Uint8Array,
  options: { bytesMax: number; keyIdBytes?: number },
): Sign1 {
  if (bytes.length > options.bytesMax) throw new TapsealError('message_too_long', kind);
  const fields = new FieldReader(kind, decodeCbor(bytes), 4);
  const protectedHeader = fields.bytesBetween('protected header', 1, 32);
  fields.emptyMap('unprotected header');
  const payload = fields.bytesBetween('payload', 1, options.bytesMax);
  const signature = fields.bytes('signature', SIGNATURE_BYTES);
  return {
    kind,
    ...decodeProtectedHeader(protectedHeader, options.keyIdBytes ?? 0),
    protectedHeader,
    payload,
    signature,
  };
}

/**
 * Verifies under a key that the caller chose. The algorithm is the key's, never the message's: a header that names another
 * one is refused before any cryptography.
 * @throws TapsealError suite_unsupported, or `code`
 */
export function verifySign1(verifying: Verifying, message: Sign1, key: PublicKey, code: ErrorCode): void {
  if (!verifying.verify(key, prepare(message, key), message.signature)) throw new TapsealError(code);
}

/** As verifySign1, where verification is asynchronous. */
export async function verifySign1Async(
  verifying: AsyncVerifying,
  message: Sign1,
  key: PublicKey,
  code: ErrorCode,
): Promise<void> {
  if (!(await verifying.verify(key, prepare(message, key), message.signature))) throw new TapsealError(code);
}

function prepare(message: Sign1, key: PublicKey): Uint8Array {
  if (message.algorithm !== key.algorithm)
    throw new TapsealError('suite_unsupported', `${message.kind}: ${message.algorithm}`);
  return toBeSigned(message.kind, message.protectedHeader, message.payload);
}
