/** The answer of a command on standard output: for people as text, with `--json` as one JSON document on one line. */
import type { CommandContext, GlobalOptions } from './command-context.js';

export function printAnswer(
  context: CommandContext,
  options: GlobalOptions,
  answer: unknown,
  asText: () => string,
): void {
  context.stdout.write(`${options.json ? JSON.stringify(answer) : asText()}\n`);
}
