import { BOX_NONCE_TTL_MS, LINK_HOLD_MS_DEFAULT, SERVER_NONCE_TTL_MS } from '@tapseal/shared/bounds';
import { expect, it } from 'vitest';
import {
  CONNECT_ATTEMPTS_MAX,
  CONNECT_MS_MAX,
  HELLO_DELIVER_AGE_MS_MAX,
  HELLO_MS_MAX,
  HELLO_REDEEM_AGE_MS_MAX,
  HTTP_MS_MAX,
  LINK_RETRY_MS,
  NONCE_AGE_MS_MAX,
  REDEEM_MS_MAX,
} from './limits.js';

it('a nonce that is taken lives until its redemption has been given up', () => {
  const untilHelloMs = CONNECT_MS_MAX + HELLO_MS_MAX;
  expect(NONCE_AGE_MS_MAX).toBeGreaterThan(LINK_HOLD_MS_DEFAULT);
  expect(NONCE_AGE_MS_MAX + untilHelloMs + HELLO_REDEEM_AGE_MS_MAX + REDEEM_MS_MAX).toBeLessThan(
    SERVER_NONCE_TTL_MS,
  );
});

it('a hello that is redeemed leaves time for a slow request or a new link, and no voucher is carried in vain', () => {
  expect(HELLO_REDEEM_AGE_MS_MAX + HTTP_MS_MAX).toBeLessThan(BOX_NONCE_TTL_MS);
  expect(HELLO_DELIVER_AGE_MS_MAX).toBeLessThan(BOX_NONCE_TTL_MS);
  expect(HELLO_REDEEM_AGE_MS_MAX).toBeLessThan(HELLO_DELIVER_AGE_MS_MAX);
});

it('an approach ends while a shopper would still wait', () => {
  expect(CONNECT_ATTEMPTS_MAX * (CONNECT_MS_MAX + HELLO_MS_MAX + LINK_RETRY_MS)).toBeLessThan(40_000);
});
