/**
 * The floor under a redemption, in a process of its own that does nothing else: processor time of two verifications (the
 * request by the phone, the hello by the box) and two signatures (the voucher as COSE and as JWS), over texts of a real
 * redemption. Reads {request, hello, voucher, jws} in hexadecimal from its argument, prints a list of microseconds.
 */
import { hexToBytes } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';

const REPETITIONS = 2_000;
const ROUNDS = 15;
const WARM_UP_ROUNDS = 2;

export type SignedTexts = {
  readonly request: string;
  readonly hello: string;
  readonly voucher: string;
  readonly jws: string;
};

const crypto = createNativeCrypto();
const texts = JSON.parse(process.argv[2] ?? '') as SignedTexts;

function bytesOf(hex: string): Uint8Array {
  const bytes = hexToBytes(hex, hex.length / 2);
  if (bytes === undefined) throw new Error('not hexadecimal');
  return bytes;
}

const newSigner = (): Signer => crypto.signer('Ed25519', crypto.randomBytes(32));
const phone = newSigner();
const box = newSigner();
const server = newSigner();
const [request, hello] = [bytesOf(texts.request), bytesOf(texts.hello)];
const [voucher, jws] = [bytesOf(texts.voucher), bytesOf(texts.jws)];
const [requestSignature, helloSignature] = [phone.sign(request), box.sign(hello)];

/** Processor time of one redemption's cryptography, all threads, microseconds. */
function round(): number {
  const before = process.cpuUsage();
  for (let i = 0; i < REPETITIONS; i++) {
    const holds =
      crypto.verify(phone.publicKey, request, requestSignature) &&
      crypto.verify(box.publicKey, hello, helloSignature);
    if (!holds) throw new Error('a signature does not hold');
    server.sign(voucher);
    server.sign(jws);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REPETITIONS;
}

for (let i = 0; i < WARM_UP_ROUNDS; i++) round();
const rounds = Array.from({ length: ROUNDS }, round);
process.stdout.write(`${JSON.stringify({ engine: crypto.engine, rounds })}\n`);
