import { defineConfig } from 'vitest/config';
import { SkippedTestsReporter } from './scripts/src/skipped-tests-reporter.ts';

// Each package's tests run on its sources: the condition below is the one the `exports` maps offer for it.
// What spans packages (scripts/src/e2e) starts real processes, which run the built files. Node is given the same conditions,
// for `require` as well: 'import' among them would hand modules to packages that require the other form.
const conditions = ['tapseal:source', 'node', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      '{shared,beacon,cert-server,mobile-sdk,scripts}/src/**/*.test.ts',
      'hardware/{virtual-radio,vm}/src/**/*.test.ts',
    ],
    reporters: ['default', new SkippedTestsReporter()],
    setupFiles: ['./scripts/src/clean-environment.ts'],
    // No test is about time: these end what would never end, also on a machine that is many times slower.
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
