/**
 * What the box tells the outside: one line an event. Text for people and the journal, or JSON for programs. Events hold
 * nothing that names or links a phone, and no secret.
 */
import type { LogLevel } from '../config/beacon-config.js';
import type { Report } from '../core/step.js';

export type LogLine = { readonly event: string; readonly [key: string]: unknown };

const ranks: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
/** Priorities that systemd's journal reads off the front of a line (sd-daemon(3)). */
const priorities: Readonly<Record<LogLevel, string>> = {
  error: '<3>',
  warn: '<4>',
  info: '<6>',
  debug: '<7>',
};

export type LogOptions = {
  readonly json: boolean;
  readonly level: LogLevel;
  /** True where the lines go to systemd's journal. */
  readonly journal: boolean;
  readonly write: (line: string) => void;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
};

export class Log {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  line(level: LogLevel, line: LogLine): void {
    const { json, journal, write } = this.#options;
    if (ranks[level] > ranks[this.#options.level]) return;
    if (json) {
      write(`${JSON.stringify({ ...line, atMs: this.#options.nowMs() })}\n`);
      return;
    }
    const { event, ...fields } = line;
    const words = Object.entries(fields).map(([key, value]) => `${key}=${word(value)}`);
    write(`${journal ? priorities[level] : ''}${[event, ...words].join(' ')}\n`);
  }

  report(report: Report): void {
    this.line(levelOf(report), report);
  }
}

function word(value: unknown): string {
  const text = String(value);
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text);
}

function levelOf(report: Report): LogLevel {
  switch (report.event) {
    case 'fault':
      return 'error';
    case 'link_dropped':
    case 'interrupted':
      return 'warn';
    case 'granted':
    case 'refused':
    case 'manifest_installed':
      return 'info';
    case 'actuated':
      return report.outcome === 'actuated' ? 'info' : 'error';
    case 'advertising':
    case 'link_opened':
    case 'link_closed':
    case 'hello':
      return 'debug';
  }
}
