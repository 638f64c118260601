/** Where the built programs of the workspace are. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const programs = {
  tapseal: '@tapseal/cert-server/cli/main',
  'tapseal-beacon': '@tapseal/beacon/main',
  'tapseal-shopper': '@tapseal/mobile-sdk/adapters/node/shopper-main',
} as const;

export type Program = keyof typeof programs;

/** Absolute path of the file that Node runs: the built one, also where a test runner resolves packages to their sources. */
export function programFile(program: Program): string {
  return require.resolve(programs[program]).replace(/\/src\/(.*)\.ts$/, '/dist/$1.js');
}
