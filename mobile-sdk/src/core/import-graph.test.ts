import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const core = fileURLToPath(new URL('.', import.meta.url));

it('the core builds for no platform at all: it imports neither Node nor a browser, nor any adapter', async () => {
  const files = readdirSync(core).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const result = await build({
    entryPoints: files.map((name) => core + name),
    bundle: true,
    outdir: 'unused',
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['tapseal:source', 'import'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.some((path) => path.endsWith('src/core/client.ts'))).toBe(true);
  expect(
    inputs.filter((path) => /\/(adapters|testing)\//.test(path) || /typebox|tweetnacl|crypto-/.test(path)),
  ).toEqual([]);
});
