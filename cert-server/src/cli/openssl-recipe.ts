/**
 * The commands that verify a voucher with OpenSSL and the tools of every Unix, and without a line of this project: they take
 * the signed bytes and the signature out of the voucher itself. Read them before you run them; that is their point.
 */
import { SIGNATURE_BYTES, VOUCHER_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToBase64url, concatBytes, utf8 } from '@tapseal/shared/bytes';
import { encodeCbor } from '@tapseal/shared/cbor';
import type { Hashing } from '@tapseal/shared/crypto-port';
import { jwkThumbprint, parseJwkSet } from '@tapseal/shared/jwk';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { decodeVoucherJws } from '@tapseal/shared/voucher-jws';
import { findVoucherKey } from '@tapseal/shared/voucher-key';

export type OpensslRecipe = {
  /** Shell commands, POSIX, with comments. The last one ends with status 0 only if the signature holds. */
  readonly script: string;
  readonly keyId: string;
};

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** printf with octal escapes: what every POSIX shell understands. */
function octal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

// SubjectPublicKeyInfo of Ed25519 up to the key itself (RFC 8410 §4).
const spkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

function keyCommands(x: string, keyId: string): string[] {
  return [
    `# The public key, from the member "x" of the key "${keyId}" in the JWK set (RFC 8037, RFC 8410).`,
    `{ printf '${octal(spkiPrefix)}'`,
    `  printf '%s=' '${x}' | tr '_-' '/+' | openssl base64 -d -A; } > voucher-key.der`,
    'openssl pkey -pubin -inform DER -in voucher-key.der -out voucher-key.pem',
    '',
  ];
}

const verifyCommands = [
  '# "Signature Verified Successfully", and status 0.',
  'openssl pkeyutl -verify -pubin -inkey voucher-key.pem -rawin -in signed.bin -sigfile signature.bin',
];

function jwsCommands(path: string): string[] {
  return [
    '# A JWS (RFC 7515): what is signed is the text of the first two parts with the point between them.',
    `tr -d '\\r\\n' < ${quoted(path)} > voucher.jws`,
    "cut -d. -f1-2 voucher.jws | tr -d '\\n' > signed.bin",
    '# The third part is the signature, 64 bytes in base64url.',
    `{ cut -d. -f3 voucher.jws | tr -d '\\n'; printf '=='; } | tr '_-' '/+' | openssl base64 -d -A > signature.bin`,
    '',
  ];
}

function coseCommands(path: string, isText: boolean, bytes: Uint8Array): string[] {
  const { message } = decodeVoucher(bytes);
  const header = encodeCbor(message.protectedHeader);
  const payload = encodeCbor(message.payload);
  // Sig_structure (RFC 9052 §4.4), up to the header and between header and payload.
  const before = concatBytes(Uint8Array.of(0x84), encodeCbor('Signature1'));
  const context = encodeCbor(utf8('tapseal/1/voucher'));
  // In the voucher: 0x84, header, an empty map, payload, signature.
  const headerAt = 1;
  const payloadAt = headerAt + header.length + 1;
  const padding = '='.repeat((4 - (Math.ceil((bytes.length * 4) / 3) % 4)) % 4);
  return [
    ...(isText
      ? [
          '# The voucher, out of base64url.',
          `{ tr -d '\\r\\n' < ${quoted(path)}; printf '${padding}'; } | tr '_-' '/+' | openssl base64 -d -A > voucher.cose`,
        ]
      : [`cp ${quoted(path)} voucher.cose`]),
    '# A COSE_Sign1 (RFC 9052): an array of header, empty map, payload, signature. What is signed is the array',
    '# ["Signature1", header, "tapseal/1/voucher", payload] in CBOR: header and payload come from the voucher as they are.',
    `{ printf '${octal(before)}'`,
    `  tail -c +${headerAt + 1} voucher.cose | head -c ${header.length}`,
    `  printf '${octal(context)}'`,
    `  tail -c +${payloadAt + 1} voucher.cose | head -c ${payload.length}; } > signed.bin`,
    `# The signature is the last ${SIGNATURE_BYTES} bytes.`,
    `tail -c ${SIGNATURE_BYTES} voucher.cose > signature.bin`,
    '',
  ];
}

/**
 * @param path how the file of the voucher is called in the commands
 * @param jwkSet parsed JSON; the key that signed is chosen by the key id in the voucher
 * @throws TapsealError message_malformed, message_too_long, suite_unsupported, voucher_signature_invalid (key not in the set)
 */
export function opensslRecipe(
  hashing: Pick<Hashing, 'sha256'>,
  path: string,
  file: Uint8Array,
  jwkSet: unknown,
): OpensslRecipe {
  const keys = parseJwkSet(hashing, jwkSet);
  const text = new TextDecoder('latin1').decode(file).trim();
  const isJws = /^[\w.-]+$/.test(text) && text.includes('.');
  const decoded = /^[\w-]+$/.test(text) ? base64urlToBytes(text, VOUCHER_BYTES_MAX) : undefined;
  const bytes = decoded ?? file;
  const key = isJws
    ? keys.find((one) => jwkThumbprint(hashing, one.publicKey.bytes) === decodeVoucherJws(text).header.kid)
    : findVoucherKey(keys, decodeVoucher(bytes).message.keyId);
  if (key === undefined) throw new TapsealError('voucher_signature_invalid', 'its key is not in the JWK set');
  const x = bytesToBase64url(key.publicKey.bytes);
  const keyId = jwkThumbprint(hashing, key.publicKey.bytes);
  const commands = [
    ...keyCommands(x, keyId),
    ...(isJws ? jwsCommands(path) : coseCommands(path, decoded !== undefined, bytes)),
    ...verifyCommands,
  ];
  return { script: `${commands.join('\n')}\n`, keyId };
}
