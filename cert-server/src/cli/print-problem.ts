/** A problem on standard error: for people what happened and what to do, with `--json` the problem object itself. */
import type { TextSink } from './command-context.js';
import { printable } from './printable.js';
import type { CommandProblem } from './problem-error.js';
import { styleOf } from './style.js';
import { wrapText } from './wrap-text.js';

const COLUMNS_MAX = 100;

export function printProblem(sink: TextSink, problem: CommandProblem, json: boolean): void {
  if (json) {
    sink.write(`${JSON.stringify(problem)}\n`);
    return;
  }
  const style = styleOf(sink);
  const columns = Math.min(sink.columns ?? COLUMNS_MAX, COLUMNS_MAX) - 2;
  const indented = (text: string): string[] => wrapText(printable(text), columns).map((line) => `  ${line}`);
  // That the command line has a fault is no news; which one is.
  const faultOfUsage = problem.code === 'usage_invalid' && problem.detail !== undefined;
  const heading = faultOfUsage ? (problem.detail ?? '') : problem.title;
  const [first = '', ...rest] = wrapText(printable(heading), columns - 5);
  const lines = [
    `${style.red('error:')} ${style.bold(first)}`,
    ...rest.map((line) => `  ${style.bold(line)}`),
    ...(faultOfUsage || problem.detail === undefined ? [] : indented(problem.detail)),
    ...(problem.resetsAt === undefined ? [] : indented(`This rule resets at ${problem.resetsAt}.`)),
    ...indented(`What to do: ${problem.advice}`),
    style.dim(`  Code: ${problem.code}`),
  ];
  sink.write(`${lines.join('\n')}\n`);
}
