/** Names every test that was skipped, at the end of a run: its name says why, and which command would enable it. */
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export class SkippedTestsReporter implements Reporter {
  #isFiltered = false;

  onInit(vitest: Vitest): void {
    // With `-t` nearly everything is skipped, and on purpose.
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0 || this.#isFiltered) return;
    process.stdout.write('\nSkipped here:\n');
    for (const test of skipped) process.stdout.write(`  ${test.fullName}\n`);
  }
}
