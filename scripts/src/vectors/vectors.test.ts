import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { vectorFiles } from './vector-files.js';

const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));

test('the files in shared/vectors are what the generator writes (npm run vectors)', async () => {
  const files = await vectorFiles();
  expect(
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort(),
  ).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(`${folder}${name}`, 'utf8'), name).toBe(text);
});
