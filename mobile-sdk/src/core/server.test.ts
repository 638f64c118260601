import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from './ports.js';
import { asTapsealError } from './scope.js';
import { retryAfterMsOf, Server } from './server.js';

const id = 'ab'.repeat(16);
const nonce = 'A'.repeat(54);
const touchpoint = { id: 'cd'.repeat(8), name: 'gate-1', title: 'Gate', place: 'North' };
const offer = {
  id: 'parking',
  title: 'Parking',
  action: 'open',
  amountMinor: 250,
  currency: 'EUR',
  open: true,
};

function serverThatAnswers(json: unknown, status = 200, retryAfterMs?: number): Server {
  const answer: HttpAnswer = { status, json, retryAfterMs };
  return new Server({ request: async () => answer }, 'demo');
}

describe('Server', () => {
  it('reads good answers', async () => {
    const resolved = await serverThatAnswers({ touchpoint, offers: [offer], nonce }).resolve({ advert: 'x' });
    expect(resolved).toMatchObject({ touchpoint, offers: [offer] });
    expect(resolved.nonce).toHaveLength(40);
    expect(await serverThatAnswers({ nonce, expiresInMs: 1 }).fetchNonce()).toHaveLength(40);
  });

  it.each([
    ['no object', null],
    ['a list', []],
    ['no nonce', { touchpoint, offers: [] }],
    ['a nonce of another length', { touchpoint, offers: [], nonce: 'AAAA' }],
    ['no touchpoint', { offers: [], nonce }],
    ['a touchpoint id that is none', { touchpoint: { ...touchpoint, id: 'x' }, offers: [], nonce }],
    ['offers that are no list', { touchpoint, offers: {}, nonce }],
    ['too many offers', { touchpoint, offers: Array.from({ length: 101 }, () => offer), nonce }],
    ['an unknown action', { touchpoint, offers: [{ ...offer, action: 'explode' }], nonce }],
    ['a negative amount', { touchpoint, offers: [{ ...offer, amountMinor: -1 }], nonce }],
    ['an amount that is no integer', { touchpoint, offers: [{ ...offer, amountMinor: 0.5 }], nonce }],
    ['an offer that is neither open nor closed', { touchpoint, offers: [{ ...offer, open: 'yes' }], nonce }],
    ['a title without end', { touchpoint, offers: [{ ...offer, title: 'x'.repeat(501) }], nonce }],
    ['a code that is none', { touchpoint, offers: [{ ...offer, code: 'nonsense' }], nonce }],
    ['a time that is none', { touchpoint, offers: [{ ...offer, resetsAt: 'tomorrow' }], nonce }],
  ])('refuses to resolve by an answer with %s', async (_name, json) => {
    await expect(serverThatAnswers(json).resolve({ advert: 'x' })).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
  });

  it.each([
    ['of another transaction', { transactionId: 'cd'.repeat(16), voucher: 'AAAA', jws: 'x' }],
    ['without a voucher', { transactionId: id, jws: 'x' }],
    ['with an empty voucher', { transactionId: id, voucher: '', jws: 'x' }],
    ['with a voucher that is too long', { transactionId: id, voucher: 'A'.repeat(400), jws: 'x' }],
    ['with a voucher that is no base64url', { transactionId: id, voucher: 'A+/=', jws: 'x' }],
    [
      'with a manifest that is too long',
      { transactionId: id, voucher: 'AAAA', jws: 'x', manifest: 'A'.repeat(20_000) },
    ],
  ])('refuses a redemption %s', async (_name, json) => {
    await expect(serverThatAnswers(json).redeem(new Uint8Array(1), id)).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
  });

  it('gives a problem its code, and says when to come back', async () => {
    const json = { code: 'server_busy', title: 'x', detail: 'queue', advice: 'y' };
    const error = asTapsealError(
      await serverThatAnswers(json, 503, 2_000)
        .fetchNonce()
        .catch((thrown: unknown) => thrown),
    );
    expect(error).toMatchObject({ code: 'server_busy', detail: 'queue' });
    expect(retryAfterMsOf(error)).toBe(2_000);
  });

  it.each([
    ['a page of a proxy', undefined, 502],
    ['a problem of a foreign kind', { code: 'teapot' }, 418],
  ])('calls %s an invalid answer', async (_name, json, status) => {
    await expect(serverThatAnswers(json, status).fetchNonce()).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
  });

  it('needs one result for each receipt', async () => {
    const server = serverThatAnswers({ results: [{ stored: true }] });
    await expect(server.postReceipts(['a', 'b'])).rejects.toMatchObject({ code: 'server_answer_invalid' });
    expect(await server.postReceipts(['a'])).toEqual([{ stored: true, code: undefined }]);
  });
});
