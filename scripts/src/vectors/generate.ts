/** Writes shared/vectors/*.json anew: `npm run vectors`. What is no vector any more is removed. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vectorFiles } from './vector-files.js';

const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));
mkdirSync(folder, { recursive: true });
const files = await vectorFiles();
for (const name of readdirSync(folder)) {
  if (name.endsWith('.json') && !files.has(name)) rmSync(`${folder}${name}`);
}
for (const [name, text] of files) writeFileSync(`${folder}${name}`, text);
console.log(`${files.size} vectors`);
