import { bytesToBase64url } from '@tapseal/shared/bytes';
import { enrolmentSecretHash } from '@tapseal/shared/enrolment';
import type { EnrolmentResponse } from '@tapseal/shared/http-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededCrypto } from '../testing/seeded-crypto.js';
import { TestAuthority } from '../testing/test-authority.js';
import { checkEnrolmentAnswer, parseEnrolmentAnswer } from './enrolment-answer.js';
import { decodeDraft, draftEnrolment, type EnrolmentDraft, encodeDraft } from './enrolment-draft.js';

const crypto = seededCrypto(901);
let authority: TestAuthority;
let other: TestAuthority;
let draft: EnrolmentDraft;
let answer: EnrolmentResponse;
let advertKey: Uint8Array;

beforeAll(async () => {
  authority = await TestAuthority.make(crypto);
  other = await TestAuthority.make(crypto);
  const code = authority.makeCode();
  const drafted = await draftEnrolment(crypto, code);
  draft = drafted.draft;
  const enrolled = await authority.enrol(drafted.request, {
    secretHash: enrolmentSecretHash(crypto, code.secret),
    touchpointId: crypto.randomBytes(8),
  });
  answer = enrolled.response;
  advertKey = enrolled.advertKey;
});

function withCertificate(index: number, pem: string): EnrolmentResponse {
  return { ...answer, certificates: answer.certificates.map((old, i) => (i === index ? pem : old)) };
}

describe('an enrolment', () => {
  test('gives the box the advert key that the server has', () => {
    const box = checkEnrolmentAnswer(crypto, parseEnrolmentAnswer(JSON.stringify(answer)), draft);
    expect(box.advertKey).toEqual(advertKey);
    expect(box.identity).toMatchObject({ programme: 'test', name: 'lobby-1' });
  });

  test('its draft survives the file, and the request has no private key', async () => {
    expect(decodeDraft(encodeDraft(draft))).toEqual(draft);
    const { draft: fresh, request } = await draftEnrolment(crypto, authority.makeCode());
    const text =
      JSON.stringify(request) +
      Buffer.from(request.certificateRequest.replace(/-.*-|\n/g, ''), 'base64').toString('hex');
    for (const secret of [fresh.seed, fresh.advertSecret]) {
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
      expect(text).not.toContain(bytesToBase64url(secret));
    }
  });

  test('by another root than that of the code is refused', async () => {
    const code = authority.makeCode();
    const drafted = await draftEnrolment(crypto, code);
    const foreign = await other.enrol(drafted.request, {
      secretHash: enrolmentSecretHash(crypto, code.secret),
      touchpointId: new Uint8Array(8),
    });
    expect(() => checkEnrolmentAnswer(crypto, foreign.response, drafted.draft)).toThrow(
      /root is not the one/,
    );
  });

  test.each([
    [
      'the issuing authority of another',
      () => withCertificate(1, other.issuingCertificate.toString('pem')),
      /chain/,
    ],
    [
      'a root in the place of the box',
      () => withCertificate(0, authority.rootCertificate.toString('pem')),
      /chain/,
    ],
    ['no PEM', () => withCertificate(0, 'nonsense'), /certificates/],
    ['another root', () => withCertificate(2, other.rootCertificate.toString('pem')), /root is not the one/],
    [
      'a foreign manifest',
      () => ({ ...answer, manifest: bytesToBase64url(other.manifest()) }),
      /root that the box/,
    ],
    [
      'the manifest of another programme',
      () => ({ ...answer, manifest: bytesToBase64url(authority.manifest({ programme: 'another' })) }),
      /another programme/,
    ],
    ['no base64', () => ({ ...answer, manifest: '*' }), /manifest/],
    ['a short id', () => ({ ...answer, touchpointId: 'abcd' }), /touchpointId/],
  ])('%s is refused', (_what, make, message) => {
    expect(() => checkEnrolmentAnswer(crypto, make(), draft)).toThrow(message);
  });

  test('that calls the box by other names than its certificate is refused', () => {
    for (const change of [{ name: 'lobby-2' }, { touchpointId: '00'.repeat(8) }, { programme: 'another' }]) {
      expect(() => checkEnrolmentAnswer(crypto, { ...answer, ...change }, draft)).toThrow(
        /the certificate names another box/,
      );
    }
  });

  test('for another key is refused', () => {
    expect(() => checkEnrolmentAnswer(crypto, answer, { ...draft, seed: crypto.randomBytes(32) })).toThrow(
      /another key/,
    );
  });

  test.each([
    ['not JSON', '{'],
    ['a list', '[]'],
    ['another format', '{"format":"x"}'],
    ['too long', ' '.repeat(40_000)],
    ['a path for a name', () => JSON.stringify({ ...answer, name: '../../etc' })],
    ['two certificates', () => JSON.stringify({ ...answer, certificates: ['a', 'b'] })],
  ])('an answer that is %s', (_what, text) => {
    expect(() => parseEnrolmentAnswer(typeof text === 'string' ? text : text())).toThrow(
      expect.objectContaining({ code: 'server_answer_invalid' }),
    );
  });
});
