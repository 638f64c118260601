/** How far a long command is, on a terminal; in a log or a pipe nobody reads it. */
import cliProgress from 'cli-progress';
import type { CommandContext } from './command-context.js';

export type Progress = {
  show(done: number, total: number): void;
  /** Leaves what was shown last. */
  end(): void;
};

/** @param verb as a participle, for example `Exporting` */
export function startProgress(context: CommandContext, verb: string): Progress {
  const { stderr } = context;
  if (stderr.isTTY !== true) return { show: () => undefined, end: () => undefined };
  const bar = new cliProgress.SingleBar({
    format: `${verb} {bar} {percentage} % · {value} of {total} rows · {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    // A terminal is a stream with all that the bar asks for.
    stream: stderr as NodeJS.WriteStream,
  });
  let started = false;
  return {
    show: (done, total) => {
      if (!started) bar.start(total, done);
      else bar.update(done);
      started = true;
    },
    end: () => {
      if (started) bar.stop();
    },
  };
}
