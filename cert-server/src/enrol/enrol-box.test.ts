import { X509Certificate } from 'node:crypto';
import { bytesToBase64url, hexToBytes } from '@tapseal/shared/bytes';
import { enrolmentSecretHash, parseEnrolmentCode, signEnrolmentBinding } from '@tapseal/shared/enrolment';
import type { EnrolmentResponse } from '@tapseal/shared/http-api';
import { verifyManifest } from '@tapseal/shared/manifest';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { EnrolmentCodeAnswer, TouchpointView } from '../http/admin-schemas.js';
import { makeEnrolmentRequest } from '../testing/test-box.js';
import { bytesOfText } from '../testing/test-phone.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';

let server: TestServer;
const enrol = (request: unknown) => server.call<EnrolmentResponse>('POST', '/v1/enrolments', request);

async function addTouchpoint(name: string): Promise<string> {
  const answer = await server.admin<EnrolmentCodeAnswer>('POST', '/touchpoints', { name });
  expect(answer.body.touchpoint.state).toBe('waiting');
  return answer.body.enrolmentCode;
}

/** The last bit of a PKCS#10 request is one of its signature. */
function withLastBitFlipped(pem: string): string {
  const der = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
  der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
  const label = 'CERTIFICATE REQUEST';
  return `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;
}

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(() => {
  server.nowMs = START_MS;
});
afterAll(() => server.close());

test('a box gets its certificate chain and the manifest', async () => {
  const code = await addTouchpoint('lobby-1');
  expect(parseEnrolmentCode(code)?.rootFingerprint).toBe(server.authority.rootFingerprint);
  const { request, signer } = await makeEnrolmentRequest(code);
  const { status, body } = await enrol(request);
  expect(status).toBe(200);
  expect(body).toMatchObject({ programme: 'venue', name: 'lobby-1' });
  const [own, issuing, root] = body.certificates.map((pem) => new X509Certificate(pem));
  if (own === undefined || issuing === undefined || root === undefined) throw new Error('no chain');
  expect(own.verify(issuing.publicKey) && issuing.verify(root.publicKey)).toBe(true);
  expect(own.subject).toBe(`O=venue\nOU=touchpoint\nCN=lobby-1\nserialNumber=${body.touchpointId}`);
  const der = own.publicKey.export({ format: 'der', type: 'spki' });
  expect(Uint8Array.from(der.subarray(12))).toEqual(signer.publicKey.bytes);
  const manifest = verifyManifest(crypto, bytesOfText(body.manifest), server.authority.rootSigner.publicKey);
  expect(manifest).toMatchObject({
    programme: 'venue',
    version: START_MS / 1_000,
    sealKey: server.authority.sealKey.publicKey,
  });
  const view = await server.admin<TouchpointView>('GET', '/touchpoints/lobby-1');
  expect(view.body).toMatchObject({ state: 'enrolled', id: body.touchpointId });
});

test('property 28: an enrolment code works once', async () => {
  const code = await addTouchpoint('once');
  const { request } = await makeEnrolmentRequest(code);
  const answers = await Promise.all([enrol(request), enrol(request), enrol(request)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  const another = await makeEnrolmentRequest(code);
  expect((await enrol(another.request)).body.code).toBe('enrolment_code_invalid');
});

test('property 28: an enrolment code works for 15 minutes', async () => {
  const late = await makeEnrolmentRequest(await addTouchpoint('late'));
  const inTime = await makeEnrolmentRequest(await addTouchpoint('in-time'));
  server.nowMs = START_MS + 15 * 60_000 - 1;
  expect((await enrol(inTime.request)).status).toBe(200);
  server.nowMs += 1;
  expect((await enrol(late.request)).body.code).toBe('enrolment_code_invalid');
});

test('unknown, used and expired codes are one answer', async () => {
  const code = await addTouchpoint('one-answer');
  const { request } = await makeEnrolmentRequest(code);
  const unknown = await enrol({ ...request, code: '0123456789ABCDEF' });
  await enrol(request);
  const used = await enrol(request);
  const expired = await makeEnrolmentRequest(await addTouchpoint('expired'));
  server.nowMs += 16 * 60_000;
  const late = await enrol(expired.request);
  const shapes = [unknown, used, late].map(({ body }) => ({ ...body, instance: '' }));
  expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
});

test('a faulty request is refused and leaves the code open', async () => {
  const code = await addTouchpoint('faulty');
  const { request, signer } = await makeEnrolmentRequest(code);
  const other = await makeEnrolmentRequest(await addTouchpoint('faulty-other'));
  const secretHash = enrolmentSecretHash(crypto, request.code);
  const lowOrder = bytesToBase64url(signEnrolmentBinding(secretHash, new Uint8Array(32), signer));
  const spoilt = withLastBitFlipped(request.certificateRequest);
  for (const changes of [
    { certificateRequest: spoilt },
    { certificateRequest: 'no PEM' },
    { certificateRequest: other.request.certificateRequest },
    { binding: other.request.binding },
    { binding: lowOrder },
  ]) {
    expect((await enrol({ ...request, ...changes })).body.code).toBe('enrolment_request_invalid');
  }
  expect((await enrol({ ...request, binding: 'AAAA' })).body.code).toBe('message_malformed');
  expect((await enrol(request)).status).toBe(200);
});

test('a new box under the same name replaces the old one, which is revoked', async () => {
  const first = await enrol((await makeEnrolmentRequest(await addTouchpoint('swapped'))).request);
  const code = await server.admin<EnrolmentCodeAnswer>('POST', '/touchpoints/swapped/enrolment-code');
  expect(code).toMatchObject({ status: 201, body: { touchpoint: { state: 'enrolled' } } });
  const second = await enrol((await makeEnrolmentRequest(code.body.enrolmentCode)).request);
  expect(second.body.touchpointId).not.toBe(first.body.touchpointId);
  const manifest = verifyManifest(
    crypto,
    bytesOfText(second.body.manifest),
    server.authority.rootSigner.publicKey,
  );
  expect(manifest.revokedTouchpoints).toContainEqual(hexToBytes(first.body.touchpointId, 8));
});

test('guessing codes is limited for each address', async () => {
  const limited = await startTestServer({ rateLimits: { enrolment: 2 } });
  const { request } = await makeEnrolmentRequest('0000-0000-0000-0000-0000-0000-0000-0000');
  const guess = async () => (await limited.call('POST', '/v1/enrolments', request)).body.code;
  expect([await guess(), await guess(), await guess()]).toEqual([
    'enrolment_code_invalid',
    'enrolment_code_invalid',
    'rate_limited',
  ]);
  await limited.close();
});
