/** What every benchmark prints: a table for people, or with `--json` one object for machines. */
import { cpus } from 'node:os';

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The bound that the figure is held against, as text: `<= 150`. Absent for figures that only inform. */
  readonly target?: string;
  readonly holds?: boolean;
};

export type BenchmarkReport = {
  readonly seed: number;
  readonly machine: string;
  readonly figures: readonly Figure[];
};

export function atMost(name: string, value: number, unit: string, bound: number): Figure {
  return { name, value: round(value), unit, target: `<= ${bound}`, holds: value <= bound };
}

export function atLeast(name: string, value: number, unit: string, bound: number): Figure {
  return { name, value: round(value), unit, target: `>= ${bound}`, holds: value >= bound };
}

export function inform(name: string, value: number, unit: string): Figure {
  return { name, value: round(value), unit };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function describeMachine(): string {
  const all = cpus();
  const model = all[0]?.model.trim() || process.arch;
  return `${all.length} × ${model}, ${process.platform}, Node ${process.versions.node}`;
}

export function printReport(report: BenchmarkReport, asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const rows = report.figures.map((figure) => [
    figure.name,
    `${figure.value} ${figure.unit}`,
    figure.target === undefined ? '' : `${figure.target} ${figure.unit}`,
    figure.holds === undefined ? '' : figure.holds ? 'holds' : 'MISSED',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  process.stdout.write(`${report.machine}; seed ${report.seed}\n`);
  for (const row of rows) {
    const cells = row.map((cell, column) => (column === 3 ? cell : cell.padEnd(widths[column] ?? 0)));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}
