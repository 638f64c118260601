/**
 * Log lines of one turn of the event loop are written together: under load a line costs less than the call that writes it. What is
 * a warning or worse is written at once, with what was said before it, so that a process that ends has said why.
 */
/** Has pino say the level of each line, as its number. */
const pinoMetadata = Symbol.for('pino.metadata');
const WARN = 40;

export type GatheredLines = {
  readonly [pinoMetadata]: true;
  /** Set by pino before each line. */
  lastLevel: number;
  write(line: string): void;
  /** Writes what is waiting: before the process ends. */
  flush(): void;
};

export function gatherLines(to: { write(text: string): unknown }): GatheredLines {
  let waiting = '';
  let turn: NodeJS.Immediate | undefined;
  const lines: GatheredLines = {
    [pinoMetadata]: true,
    lastLevel: 0,
    write: (line) => {
      waiting += line;
      if (lines.lastLevel >= WARN) lines.flush();
      else turn ??= setImmediate(lines.flush);
    },
    flush: () => {
      clearImmediate(turn);
      turn = undefined;
      if (waiting === '') return;
      const text = waiting;
      waiting = '';
      to.write(text);
    },
  };
  return lines;
}
