/**
 * The server's public keys for vouchers and refusals: from its JWK set, kept, and fetched again when a message names a key that
 * is not among them. What verifies here is the server's word; the rest is dropped before it reaches a box or a screen.
 */
import { REFUSAL_BYTES_MAX, VOUCHER_BYTES_MAX, VOUCHER_KEY_ID_BYTES } from '@tapseal/shared/bounds';
import { decodeSign1 } from '@tapseal/shared/cose-sign1';
import { parseJwkSet } from '@tapseal/shared/jwk';
import { type Refusal, verifyRefusal } from '@tapseal/shared/refusal';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Voucher, verifyVoucherAsync } from '@tapseal/shared/voucher';
import { findVoucherKey, type VoucherKey } from '@tapseal/shared/voucher-key';
import type { PhoneCrypto } from './ports.js';
import { asTapsealError } from './scope.js';

export class VoucherKeys {
  readonly #crypto: PhoneCrypto;
  readonly #fetchJwkSet: () => Promise<unknown>;
  #keys: readonly VoucherKey[] = [];
  #fetching: Promise<void> | undefined;

  constructor(crypto: PhoneCrypto, fetchJwkSet: () => Promise<unknown>) {
    this.#crypto = crypto;
    this.#fetchJwkSet = fetchJwkSet;
  }

  /** Fetches ahead, in the background, so that the first voucher does not wait. */
  prefetch(): void {
    if (this.#keys.length === 0) this.#fetch().catch(() => {});
  }

  /**
   * @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid,
   * network_unavailable where the keys could not be fetched
   */
  async verifyVoucher(bytes: Uint8Array): Promise<Voucher> {
    await this.#need('voucher', bytes, VOUCHER_BYTES_MAX);
    return verifyVoucherAsync(this.#crypto, bytes, this.#keys);
  }

  /** @throws as verifyVoucher */
  async verifyRefusal(bytes: Uint8Array): Promise<Refusal> {
    await this.#need('refusal', bytes, REFUSAL_BYTES_MAX);
    return verifyRefusal(this.#crypto, bytes, this.#keys);
  }

  async #need(kind: 'voucher' | 'refusal', bytes: Uint8Array, bytesMax: number): Promise<void> {
    const { keyId } = decodeSign1(kind, bytes, { bytesMax, keyIdBytes: VOUCHER_KEY_ID_BYTES });
    if (findVoucherKey(this.#keys, keyId) === undefined) await this.#fetch();
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchOnce().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchOnce(): Promise<void> {
    const json = await this.#fetchJwkSet();
    try {
      this.#keys = parseJwkSet(this.#crypto, json);
    } catch (thrown) {
      throw new TapsealError('server_answer_invalid', 'JWK set', { cause: asTapsealError(thrown) });
    }
  }
}
