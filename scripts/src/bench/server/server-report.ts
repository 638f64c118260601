/** The report of the server benchmark: the table of every benchmark, then the same as Markdown for docs/benchmarks.md. */
import { type BenchmarkReport, type Figure, printReport } from '../figures.js';

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function verdict({ holds }: Figure): string {
  if (holds === undefined) return '';
  return holds ? 'holds' : '**missed**';
}

export function markdownTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) =>
    row([
      figure.name,
      `${figure.value} ${figure.unit}`,
      figure.target === undefined ? '' : `${figure.target} ${figure.unit}`,
      verdict(figure),
    ]),
  );
  return [row(['figure', 'measured', 'target', '']), '| --- | ---: | --- | --- |', ...rows].join('\n');
}

export type ServerReport = BenchmarkReport & {
  readonly command: string;
  /** Markdown under the table; empty where there is nothing to say. */
  readonly notes: string;
};

export function printServerReport(report: ServerReport, asJson: boolean): void {
  printReport(report, asJson);
  if (asJson) return;
  const { command, machine, figures, notes } = report;
  const parts = [`\`${command}\`, ${machine}:`, markdownTable(figures), ...(notes === '' ? [] : [notes])];
  process.stdout.write(`\n${parts.join('\n\n')}\n`);
}
