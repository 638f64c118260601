/** This package runs in browsers and in React Native: Node is for crypto-native.ts alone, and the DOM for nobody. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
const product = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(file),
);

/** The code without comments and strings, in which any word may stand. */
function codeOf(file: string): string {
  return readFileSync(`${folder}${file}`, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/^(import|export) .*from .*;$/gm, '')
    .replace(/'[^'\n]*'|`[^`]*`/g, "''");
}

function importsOf(file: string): string[] {
  const text = readFileSync(`${folder}${file}`, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

const packages = ['tweetnacl', 'typebox', '@noble/curves/', '@noble/hashes/'];
const globals = [
  'Buffer',
  'process',
  'require',
  'window',
  'document',
  'navigator',
  'setTimeout',
  'fetch',
  'Date',
  'Math.random',
  'globalThis',
  '__dirname',
];

test.each(product.filter((file) => file !== 'crypto-native.ts'))(
  '%s imports neither Node nor the DOM',
  (file) => {
    const strange = importsOf(file).filter(
      (name) => !name.startsWith('.') && !packages.some((known) => name === known || name.startsWith(known)),
    );
    expect(strange).toEqual([]);
    const code = codeOf(file);
    const used = globals.filter((name) => new RegExp(`(?<![\\w.])${name.replace('.', '\\.')}\\b`).test(code));
    expect(used).toEqual([]);
  },
);

test('only an adapter imports crypto-native.ts: nobody here', () => {
  expect(product.filter((file) => importsOf(file).some((name) => name.includes('crypto-native')))).toEqual(
    [],
  );
});

test('the rule sees what it is for', () => {
  expect(importsOf('crypto-native.ts')).toContain('node:crypto');
  expect(codeOf('crypto-native.ts')).toContain('Buffer.from');
});
