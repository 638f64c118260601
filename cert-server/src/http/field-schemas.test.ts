/** What people write, by its schema and at every route that takes it. */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { signRegistration } from '@tapseal/shared/registration';
import fc from 'fast-check';
import { Check } from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestPhone } from '../testing/test-phone.js';
import type { TestServer } from '../testing/test-server.js';
import { addToken, postOffer, startTestVenue } from '../testing/test-venue.js';
import { TITLE_CHARS_MAX } from './admin-bounds.js';
import { Place, Title } from './field-schemas.js';

/** Of any UTF-16 units, also such as make no characters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xff }),
      fc.integer({ min: 0xd700, max: 0xe0ff }),
      fc.integer({ min: 0, max: 0xffff }),
    ),
    { maxLength: 8 },
  )
  .map((units) => String.fromCharCode(...units));

describe('free text', () => {
  test('is refused for each control character and lone surrogate, and for nothing else', () => {
    const refused: number[] = [];
    for (let code = 0; code <= 0x10_ffff; code++) {
      if (!Check(Place, `a${String.fromCodePoint(code)}b`)) refused.push(code);
    }
    const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
    expect(refused).toEqual([...span(0, 0x1f), ...span(0x7f, 0x9f), ...span(0xd800, 0xdfff)]);
  });

  test('whatever it is made of: what is accepted comes back from UTF-8 as it was, without control characters', () => {
    const utf8 = new TextEncoder();
    fc.assert(
      fc.property(anyText, (text) => {
        const isKept = new TextDecoder().decode(utf8.encode(`.${text}`)) === `.${text}`;
        expect(Check(Place, text)).toBe(isKept && !/\p{Cc}/u.test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is counted in characters, not in halves of them', () => {
    expect(Check(Title, '🎪'.repeat(TITLE_CHARS_MAX))).toBe(true);
    expect(Check(Title, '🎪'.repeat(TITLE_CHARS_MAX + 1))).toBe(false);
    expect(Check(Title, '')).toBe(false);
  });
});

describe('the routes that take text', () => {
  let server: TestServer;
  let appToken: string;
  let phone: TestPhone;

  beforeAll(async () => {
    ({ server, phone } = await startTestVenue());
    appToken = (await addToken(server, 'app')).token;
  });
  afterAll(() => server.close());

  const changed = { version: 2, touchpoints: ['lobby-1'], action: 'open', rules: {} };
  const send: Readonly<Record<string, (text: string) => Promise<{ status: number; body: object }>>> = {
    'the title of a programme': (title) =>
      server.call(
        'POST',
        '/v1/programmes',
        { id: 'other', title, timeZone: 'UTC', currency: 'EUR' },
        server.ownerToken,
      ),
    'the title of a touchpoint': (title) => server.admin('POST', '/touchpoints', { name: 'gate-1', title }),
    'the place of a touchpoint': (place) => server.admin('POST', '/touchpoints', { name: 'gate-2', place }),
    'the title of an offer': (title) => postOffer(server, 'coffee', {}, { title }),
    'the title of a changed offer': (title) => server.admin('PUT', '/offers/coffee', { ...changed, title }),
    'the label of a token': (label) => server.admin('POST', '/tokens', { role: 'auditor', label }),
    'the reason of a revoked touchpoint': (reason) =>
      server.admin('POST', '/touchpoints/lobby-1/revoke', { reason }),
    'the reason of a revoked phone': (reason) =>
      server.admin('POST', `/phones/${Buffer.from(phone.id).toString('hex')}/revoke`, { reason }),
    'the reference of a shopper': async (shopper) => {
      const message = await signRegistration('venue', await phone.nonce(), new TestPhone(server).signer);
      const body = { registration: bytesToBase64url(message), shopper };
      return server.call('POST', '/v1/programmes/venue/phones', body, appToken);
    },
  };

  test.each(Object.keys(send))('%s', async (field) => {
    for (const control of ['\0', '\n', '\u001b[2J', '\u007f', '\u0085', '\ud83c']) {
      const answer = await send[field]?.(`Lobby${control} 1`);
      expect({ control, ...answer }).toMatchObject({ status: 400, body: { code: 'body_invalid' } });
    }
    // Everything else is text: marks on letters, other scripts, signs beyond 16 bits.
    const text = 'Café “Zür\u0301ich” 東京 🎪';
    const taken = await send[field]?.(text);
    expect(taken?.status).toBeLessThan(300);
    if (field !== 'the reference of a shopper') expect(JSON.stringify(taken?.body)).toContain(text);
  });
});
