/** A server whose secret is not the one its shoppers were registered under. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadAuthority } from '../authority/authority.js';
import { authorityFiles } from '../authority/key-files.js';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import { assertOwnSecret } from './check-secret.js';
import { startServer } from './start-server.js';

let parent: string;
let server: TestServer;

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tapseal-secret-'));
  server = await startTestServer();
});
afterEach(async () => {
  await server.close();
  rmSync(parent, { recursive: true });
});

/** The same keys and database, with another secret. */
function withOtherSecret(): string {
  const directory = join(parent, 'other');
  cpSync(server.directory, directory, { recursive: true });
  writeFileSync(join(directory, authorityFiles.secret), bytesToBase64url(new Uint8Array(32).fill(7)));
  return directory;
}

const start = (directory: string) =>
  startServer({
    directory,
    host: '127.0.0.1',
    port: 0,
    tls: 'none',
    logLevel: 'silent',
    now: () => server.nowMs,
  });
const phones = () => server.context.store.listPhones('venue', undefined, 100);

test('does not start where phones were registered under the one before', async () => {
  await TestPhone.register(server);
  await expect(start(withOtherSecret())).rejects.toMatchObject({
    code: 'keys_mismatch',
    detail: `programme venue: ${authorityFiles.secret} is another one`,
  });
  await (await start(server.directory)).close();
});

test('starts where there is no phone yet: nobody can be forgotten', async () => {
  await (await start(withOtherSecret())).close();
});

test('phones of both, and phones of before there were seals, hold nobody up', async () => {
  await TestPhone.register(server);
  const other = await loadAuthority(crypto, withOtherSecret());
  const [own] = await phones();
  if (own === undefined) throw new Error('one is registered');
  const subject = { unit: 'phone', programme: 'venue', id: own.id } as const;
  const resealed = { ...own, certificateFacts: other.certificates.seal(own.certificate, subject) };
  expect(() => assertOwnSecret(server.authority, 'venue', [resealed, own])).not.toThrow();
  expect(() => assertOwnSecret(server.authority, 'venue', [resealed])).toThrow();
  expect(() =>
    assertOwnSecret(server.authority, 'venue', [{ ...own, certificateFacts: undefined }]),
  ).not.toThrow();
  // Facts of one phone are none of another.
  expect(() => assertOwnSecret(server.authority, 'elsewhere', [own])).toThrow();
});
