/**
 * The vectors of the layer `approval`, and the awards that are good, replayed against the phone: truly signed answers to one
 * signed request, which the phone holds against what it approved.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesToBase64url, bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { encodeJwk } from '@tapseal/shared/jwk';
import { decodeRequest } from '@tapseal/shared/request';
import type { Vector } from '@tapseal/shared/vectors/vector';
import { describe, expect, it } from 'vitest';
import { MemoryOutbox } from '../testing/phone-world.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { awardOf, redeem } from './redeem.js';
import { Scope } from './scope.js';
import { VoucherKeys } from './voucher-keys.js';

const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));
const vectors = readdirSync(folder)
  .map((file): Vector => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')))
  .filter(({ reader, given }) => reader === 'voucher' && given.request !== undefined);

const crypto = createNativeCrypto();

function hex(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? hexToBytes(text, text.length / 2) : undefined;
  if (bytes === undefined) throw new TypeError('a vector must have hexadecimal here');
  return bytes;
}

/** The phone sent the request of the vector, and its message is the answer. */
async function replay({ given, message }: Vector) {
  const request = hex(given.request);
  const { transactionId, programme, offer } = decodeRequest(request).request;
  const keys = (given.voucherKeys as readonly string[]).map((key) => encodeJwk(crypto, hex(key)));
  const clock = new VirtualClock();
  const deps = {
    clock,
    crypto,
    outbox: new MemoryOutbox(),
    voucherKeys: new VoucherKeys(crypto, async () => ({ keys })),
    server: {
      redeem: async () => ({
        type: 'grant' as const,
        voucher: hex(message),
        jws: 'not read by a phone',
        manifest: undefined,
      }),
    },
  };
  const transaction = {
    kind: 'transaction' as const,
    id: bytesToHex(transactionId),
    programme,
    offer,
    touchpointName: 'lobby-1',
    request: bytesToBase64url(request),
  };
  const decision = await redeem(deps, new Scope(clock), transaction, 0);
  return decision.type === 'grant' ? awardOf(decision) : decision;
}

describe('answers to a request', () => {
  it('are these', () => {
    expect(vectors.map(({ name }) => name).sort()).toEqual([
      'voucher-award-above-approved',
      'voucher-other-request',
      'voucher-partial-award',
      'voucher-whole-award',
    ]);
  });

  it.each(vectors)('$name', async (vector) => {
    const { expect: wanted } = vector;
    const said = wanted.value as { amountMinor: number };
    if ('layer' in wanted) {
      expect(wanted.layer).toBe('approval');
      await expect(replay(vector)).rejects.toMatchObject({ code: wanted.code });
    } else {
      expect(await replay(vector)).toEqual({ amountMinor: 250, awardedMinor: said.amountMinor });
    }
  });
});
