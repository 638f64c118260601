/** One run of the command line: parses, acts, reports, and says with which status to exit. */
import type { CommandContext } from './command-context.js';
import { EXIT_OK, exitCodeOf } from './exit-codes.js';
import { forOperator } from './operator-advice.js';
import { printProblem } from './print-problem.js';
import { problemOf } from './problem-error.js';
import { buildProgram } from './program.js';
import { AlreadyPrinted } from './subcommand.js';

/** @param args what follows the name of the program */
export async function runCommand(
  context: CommandContext,
  args: readonly string[],
  version: string,
): Promise<number> {
  try {
    const program = await buildProgram(context, version, args);
    await program.parseAsync([...args], { from: 'user' });
    return EXIT_OK;
  } catch (error) {
    if (error instanceof AlreadyPrinted) return error.exitCode;
    const problem = forOperator(problemOf(error));
    // Looked for in the words as they are: where they have a fault, they were not parsed.
    printProblem(context.stderr, problem, args.includes('--json'));
    return exitCodeOf(problem.code);
  }
}
