/** `tapseal completion`: made from the commands themselves, so that it cannot fall behind them. */
import { type Command, InvalidArgumentError } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

type Shell = 'bash' | 'zsh';

function parseShell(text: string): Shell {
  if (text === 'bash' || text === 'zsh') return text;
  throw new InvalidArgumentError('It is bash or zsh.');
}

/** Every command by its path, with the words that may follow it. */
function wordsByPath(command: Command, path: string): (readonly [string, string])[] {
  const options = command.options.flatMap((option) => (option.long ? [option.long] : []));
  const words = [...command.commands.map((child) => child.name()), ...options];
  return [
    [path, words.join(' ')] as const,
    ...command.commands.flatMap((child) => wordsByPath(child, `${path}/${child.name()}`)),
  ];
}

function script(root: Command, shell: Shell): string {
  const globals = root.options.flatMap((option) => (option.long ? [option.long] : [])).join(' ');
  const cases = wordsByPath(root, '').map(([path, words]) => `    '${path}') words='${words}' ;;`);
  return [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_tapseal() {',
    '  local words= path= at',
    '  for ((at = 1; at < COMP_CWORD; at++)); do',
    // A word that continues the path is a command; the rest are options and their values.
    `    case "$path/\${COMP_WORDS[at]}" in`,
    `      ${wordsByPath(root, '')
      .map(([path]) => path)
      .filter((path) => path !== '')
      .join('|')}) path="$path/\${COMP_WORDS[at]}" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    `  COMPREPLY=($(compgen -W "$words ${globals} --help" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    '}',
    'complete -o default -F _tapseal tapseal',
  ].join('\n');
}

export function addCompletion(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'completion', {
    summary: 'print the completion of commands and options for a shell',
    examples: ['source <(tapseal completion bash)', 'tapseal completion zsh >> ~/.zshrc'],
  }).argument('<shell>', 'bash or zsh', parseShell);
  command.action((shell: Shell) => {
    context.stdout.write(`${script(parent, shell)}\n`);
  });
}
