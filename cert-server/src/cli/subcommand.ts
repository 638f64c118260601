/** How every command is declared: a summary, at least one example in its help, and faults that say which help to read. */
import type { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.js';
import { ProblemError, usageError } from './problem-error.js';

/** Fits a terminal of 80 columns with its indentation. */
const EXAMPLE_CHARS_MAX = 72;

/** Declares a command below `parent`. What it does is loaded when it is called. */
export type CommandAdding = (parent: Command, context: CommandContext) => void;

export type About = {
  readonly summary: string;
  /** Paragraphs below the summary in the help of the command. */
  readonly more?: string;
  readonly examples: readonly [string, ...string[]];
};

/** Thrown for what commander has already printed in full: help and version. */
export class AlreadyPrinted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('already printed');
    this.exitCode = exitCode;
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/**
 * Refuses `--x` beside `--no-x`, of which commander would take the last one in silence. Called when all options are declared;
 * those that take something away by its name (`--no-label site`) may stand beside each other.
 */
export function refuseBoth(command: Command): Command {
  for (const no of command.options.filter(({ negate, required }) => negate && !required)) {
    const yes = command.options.find(
      (option) => !option.negate && option.attributeName() === no.attributeName(),
    );
    if (yes === undefined) continue;
    const given = new Set<string>();
    for (const option of [yes, no]) {
      command.on(`option:${option.name()}`, () => {
        given.add(option.name());
        if (given.size < 2) return;
        throw usageError(
          `--${yes.name()} and --${no.name()} contradict each other.`,
          `See \`${pathOf(command)} --help\`.`,
        );
      });
    }
  }
  return command;
}

/** Turns commander's own faults into problems like all the others. */
export function reportFaults(command: Command): void {
  command.exitOverride((error: CommanderError) => {
    // Help that was asked for has exit code 0; help because the command was left out is a fault of usage.
    if (error.code === 'commander.help') throw new AlreadyPrinted(error.exitCode === 0 ? 0 : 2);
    if (error.exitCode === 0) throw new AlreadyPrinted(0);
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
    throw usageError(
      /[.?)]$/.test(sentence) ? sentence : `${sentence}.`,
      `See \`${pathOf(command)} --help\`.`,
    );
  });
}

/** Long examples as several lines of one command, broken before its options. */
function exampleLines(example: string): string {
  const lines: string[] = [];
  let line = '';
  for (const part of example.split(/ (?=--|\||&&)/)) {
    if (line !== '' && line.length + 1 + part.length > EXAMPLE_CHARS_MAX) {
      lines.push(`${line} \\`);
      line = `    ${part}`;
    } else {
      line = line === '' ? part : `${line} ${part}`;
    }
  }
  return `  $ ${[...lines, line].join('\n  ')}`;
}

/** @param usage name and arguments, for example `show <offer>` */
export function subcommand(parent: Command, usage: string, about: About): Command {
  const command = parent.command(usage).summary(about.summary).helpCommand(false);
  const sentence = `${about.summary.charAt(0).toUpperCase()}${about.summary.slice(1)}.`;
  command.description(about.more === undefined ? sentence : `${sentence}\n\n${about.more}`);
  const title = about.examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', `\n${title}\n${about.examples.map(exampleLines).join('\n')}`);
  reportFaults(command);
  return command;
}

/** True for a fault of this code: what a command can act on. */
export function isProblem(error: unknown, code: string): boolean {
  return error instanceof ProblemError && error.problem.code === code;
}
