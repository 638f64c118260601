/** Runs what docs/protocol.md §10 tells a verifier to do, as it stands there, on a vector. Property 27. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hexToBytes } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { encodeJwk } from '@tapseal/shared/jwk';
import type { Vector } from '@tapseal/shared/vectors/vector';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);
const document = readFileSync(join(root, 'docs/protocol.md'), 'utf8');
const chapter = document.slice(document.indexOf('## 10. Verifying'), document.indexOf('## 11.'));

function block(language: string): string {
  const found = chapter.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``))?.[1];
  if (found === undefined) throw new Error(`no ${language} in docs/protocol.md §10`);
  return found;
}

function vector(name: string): Vector {
  return JSON.parse(readFileSync(join(root, `shared/vectors/${name}.json`), 'utf8')) as Vector;
}

let folder: string;

function write(jws: string): void {
  const crypto = createNativeCrypto();
  const keys = (vector('voucher-jws').given.voucherKeys as readonly string[]).map((key) =>
    encodeJwk(crypto, hexToBytes(key, 32) ?? new Uint8Array()),
  );
  writeFileSync(join(folder, 'voucher.jws'), `${jws}\n`);
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: keys.reverse() }, undefined, 2));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapseal-verify-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const opensslNeeds = hasOpenssl ? '' : ' (needs openssl: apt-get install openssl)';

describe.skipIf(!hasOpenssl)(`property 27: docs/protocol.md §10 with openssl${opensslNeeds}`, () => {
  test('openssl alone accepts a good voucher', async () => {
    write(vector('voucher-jws').message as string);
    const { stdout } = await run('sh', ['-ec', block('sh')], { cwd: folder });
    expect(stdout).toContain('Signature Verified Successfully');
  });

  test('openssl alone refuses an altered one', async () => {
    write(vector('voucher-jws-flipped').message as string);
    await expect(run('sh', ['-ec', block('sh')], { cwd: folder })).rejects.toThrow(/Command failed/);
  });
});

describe('property 27: docs/protocol.md §10 with a JOSE library', () => {
  async function runJose(): Promise<string> {
    writeFileSync(join(folder, 'verify.mjs'), block('js'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return (await run(process.execPath, ['verify.mjs'], { cwd: folder })).stdout;
  }

  test('jose accepts a good voucher', async () => {
    const { message, expect: expected } = vector('voucher-jws');
    write(message as string);
    expect(JSON.parse(await runJose())).toEqual('value' in expected ? expected.value : undefined);
  });

  test.each(['voucher-jws-flipped', 'voucher-jws-none', 'voucher-jws-other-type'])(
    'jose refuses %s',
    async (name) => {
      write(vector(name).message as string);
      await expect(runJose()).rejects.toThrow(/Command failed/);
    },
  );
});
