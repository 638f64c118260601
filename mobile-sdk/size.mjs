// Measures what an app downloads: the core with the Web adapter, bundled, minified, gzipped. Exit status 1 above the target.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const TARGET_BYTES = 30_000;

const result = await build({
  entryPoints: [fileURLToPath(new URL('src/adapters/web/web-client.ts', import.meta.url))],
  bundle: true,
  minify: true,
  format: 'esm',
  // No externals: an import of Node fails the build.
  platform: 'browser',
  conditions: ['tapseal:source'],
  target: 'es2022',
  write: false,
  metafile: true,
  legalComments: 'none',
});
const [bundle] = result.outputFiles;
const gzippedBytes = gzipSync(bundle.contents, { level: 9 }).length;
const holds = gzippedBytes <= TARGET_BYTES;
if (process.argv.includes('--json')) {
  const figure = {
    name: 'SDK core with Web adapter, minified and gzipped',
    value: gzippedBytes,
    unit: 'B',
    target: `<= ${TARGET_BYTES}`,
    holds,
  };
  console.log(JSON.stringify(figure));
} else {
  console.log(
    `SDK core with Web adapter: ${gzippedBytes} B gzipped (${bundle.contents.length} B minified), target <= ${TARGET_BYTES} B`,
  );
}
if (process.argv.includes('--inputs')) {
  const [output] = Object.values(result.metafile.outputs);
  for (const [path, input] of Object.entries(output.inputs).sort(
    (a, b) => b[1].bytesInOutput - a[1].bytesInOutput,
  ))
    console.log(String(input.bytesInOutput).padStart(8), path);
}
if (!holds) process.exitCode = 1;
