import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import type { EnrolmentRequest } from '@tapseal/shared/http-api';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { seededCrypto } from '../testing/seeded-crypto.js';
import { parseServerUrl, postEnrolment } from './post-enrolment.js';

const crypto = seededCrypto(902);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const request: EnrolmentRequest = {
  format: 'tapseal-enrolment-request-1',
  code: 'A'.repeat(16),
  certificateRequest: '-',
  binding: '-',
};

type Tls = { readonly root: X509Certificate; readonly cert: string; readonly key: string };

type Special = {
  /** Of root and leaf; today and a year from now where left out. */
  readonly dates?: { readonly notBefore: Date; readonly notAfter: Date };
  /** Extended key usage of the leaf. */
  readonly usage?: string;
};

async function makeTls(name: { type: 'ip' | 'dns'; value: string }, special: Special = {}): Promise<Tls> {
  const rootKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leafKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=TLS root',
      keys: rootKeys,
      signingAlgorithm: algorithm,
      ...special.dates,
      extensions: [new BasicConstraintsExtension(true, 1, true)],
    },
    webcrypto,
  );
  const leaf = await X509CertificateGenerator.create(
    {
      serialNumber: '02',
      subject: 'CN=server',
      issuer: root.subject,
      publicKey: leafKeys.publicKey,
      signingKey: rootKeys.privateKey,
      signingAlgorithm: algorithm,
      ...special.dates,
      extensions: [
        new SubjectAlternativeNameExtension([name]),
        ...(special.usage === undefined ? [] : [new ExtendedKeyUsageExtension([special.usage])]),
      ],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey)).toString(
    'base64',
  );
  return {
    root,
    cert: `${leaf.toString('pem')}\n${root.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  };
}

let directory: string;
let tls: Tls;
let foreignName: Tls;
const servers: { close(): unknown }[] = [];
const bodies: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-post-'));
  tls = await makeTls({ type: 'ip', value: '127.0.0.1' });
  foreignName = await makeTls({ type: 'dns', value: 'elsewhere.example' });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  bodies.length = 0;
});

async function listen(server: Server | ReturnType<typeof createHttpServer>, scheme: string): Promise<URL> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function serve(identity: Tls, status: number, answer: string): Promise<URL> {
  const server = createServer({ cert: identity.cert, key: identity.key }, (message, response) => {
    let body = '';
    message.on('data', (chunk) => {
      body += chunk;
    });
    message.on('end', () => {
      bodies.push(`${message.method} ${message.url} ${body}`);
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    });
  });
  return listen(server, 'https');
}

function fingerprint(identity: Tls): string {
  return rootFingerprintOf(crypto, new Uint8Array(identity.root.rawData));
}

const answer = JSON.stringify({
  format: 'tapseal-enrolment-response-1',
  programme: 'test',
  touchpointId: '0011223344556677',
  name: 'lobby-1',
  certificates: ['a', 'b', 'c'],
  manifest: 'AA',
});

describe('the code is sent', () => {
  test('to the server whose root it names', async () => {
    const url = await serve(tls, 201, answer);
    const trust = { rootFingerprint: fingerprint(tls), caFile: undefined };
    expect(await postEnrolment(crypto, url, trust, request)).toMatchObject({ name: 'lobby-1' });
    expect(bodies).toEqual([`POST /v1/enrolments ${JSON.stringify(request)}`]);
  });

  test('to a server of the authorities of --ca', async () => {
    const caFile = join(directory, 'ca.pem');
    writeFileSync(caFile, tls.root.toString('pem'));
    const url = await serve(tls, 200, answer);
    const trust = { rootFingerprint: 'X'.repeat(16), caFile };
    expect(await postEnrolment(crypto, url, trust, request)).toMatchObject({ programme: 'test' });
  });

  test.each([
    ['of long ago', new Date('2010-01-01'), new Date('2011-01-01')],
    ['of years to come', new Date('2090-01-01'), new Date('2091-01-01')],
  ])('by a box whose clock makes the server one %s', async (_when, notBefore, notAfter) => {
    const identity = await makeTls({ type: 'ip', value: '127.0.0.1' }, { dates: { notBefore, notAfter } });
    const trust = { rootFingerprint: fingerprint(identity), caFile: undefined };
    const url = await serve(identity, 200, answer);
    expect(await postEnrolment(crypto, url, trust, request)).toMatchObject({ name: 'lobby-1' });
  });

  test('never to one that shows the root, but was certified by another of its name', async () => {
    const other = await makeTls({ type: 'ip', value: '127.0.0.1' });
    const [leaf] = other.cert.split(/(?<=-----END CERTIFICATE-----\n)/);
    const url = await serve({ ...other, cert: `${leaf}${tls.root.toString('pem')}\n` }, 200, answer);
    const trust = { rootFingerprint: fingerprint(tls), caFile: undefined };
    await expect(postEnrolment(crypto, url, trust, request)).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
    expect(bodies).toEqual([]);
  });

  test('never past --ca, whatever the environment says of TLS', async () => {
    const caFile = join(directory, 'another-ca.pem');
    writeFileSync(caFile, foreignName.root.toString('pem'));
    const server = await serve(tls, 201, answer);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      await expect(
        postEnrolment(crypto, server, { rootFingerprint: fingerprint(tls), caFile }, request),
      ).rejects.toMatchObject({ code: 'network_unavailable' });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(bodies).toEqual([]);
  });

  test('never to one whose certificate is not for servers', async () => {
    const client = await makeTls({ type: 'ip', value: '127.0.0.1' }, { usage: '1.3.6.1.5.5.7.3.2' });
    const url = await serve(client, 200, answer);
    const trust = { rootFingerprint: fingerprint(client), caFile: undefined };
    await expect(postEnrolment(crypto, url, trust, request)).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
    expect(bodies).toEqual([]);
  });

  test.each([
    ['with another root', () => tls, () => fingerprint(foreignName), 'server_answer_invalid'],
    ['of another name', () => foreignName, () => fingerprint(foreignName), 'network_unavailable'],
  ])('never to a server %s', async (_what, identity, rootFingerprint, code) => {
    const url = await serve(identity(), 200, answer);
    const trust = { rootFingerprint: rootFingerprint(), caFile: undefined };
    await expect(postEnrolment(crypto, url, trust, request)).rejects.toMatchObject({ code });
    expect(bodies).toEqual([]);
  });

  test('never in clear, but on this machine', async () => {
    expect(() => parseServerUrl('http://tapseal.example')).toThrow(/must be https/);
    expect(() => parseServerUrl('ftp://localhost')).toThrow(/must be https/);
    expect(() => parseServerUrl('lobby')).toThrow(/not an address/);
    const server = createHttpServer((_message, response) => response.end(answer));
    const url = await listen(server, 'http');
    expect(parseServerUrl(url.href).href).toBe(url.href);
    const trust = { rootFingerprint: '', caFile: undefined };
    expect(await postEnrolment(crypto, url, trust, request)).toMatchObject({ name: 'lobby-1' });
  });
});

describe('an answer', () => {
  const trust = (): { rootFingerprint: string; caFile: undefined } => ({
    rootFingerprint: fingerprint(tls),
    caFile: undefined,
  });

  test('that is a problem is passed on in the server’s words', async () => {
    const problem = {
      code: 'enrolment_code_invalid',
      title: 'The enrolment code is unknown.',
      advice: 'Make a new one.',
    };
    const url = await serve(tls, 403, JSON.stringify(problem));
    await expect(postEnrolment(crypto, url, trust(), request)).rejects.toMatchObject({
      code: 'enrolment_failed',
      detail: 'enrolment_code_invalid: The enrolment code is unknown.: Make a new one.',
    });
  });

  test.each([
    [404, '<html>'],
    [500, '{"code":"nonsense"}'],
    [200, 'x'.repeat(50_000)],
    [302, '{}'],
  ])('of status %i that is none', async (status, text) => {
    const url = await serve(tls, status, text);
    await expect(postEnrolment(crypto, url, trust(), request)).rejects.toMatchObject({
      code: expect.stringMatching(/server_answer_invalid|network_unavailable/),
    });
  });

  test('of nobody', async () => {
    const url = await serve(tls, 200, answer);
    servers.splice(0).forEach((server) => {
      server.close();
    });
    await expect(postEnrolment(crypto, url, trust(), request)).rejects.toMatchObject({
      code: 'network_unavailable',
    });
  });
});
