/** All faults of a configuration file at once, each with its line and key. */
import { TapsealError } from '@tapseal/shared/tapseal-error';

export type ConfigFault = {
  /** 1 for the first line; undefined where a required key is missing from the whole file. */
  readonly line: number | undefined;
  /** Dotted, for example `actions.open.pulse_ms`. */
  readonly key: string;
  readonly message: string;
};

export class ConfigError extends TapsealError {
  readonly file: string;
  readonly faults: readonly ConfigFault[];

  constructor(file: string, faults: readonly ConfigFault[]) {
    super('config_invalid', faults.map((fault) => faultLine(file, fault)).join('; '));
    this.file = file;
    this.faults = faults;
  }
}

export function faultLine(file: string, fault: ConfigFault): string {
  const place = fault.line === undefined ? file : `${file}:${fault.line}`;
  return fault.key === '' ? `${place}: ${fault.message}` : `${place}: ${fault.key}: ${fault.message}`;
}

/** The closest of the known keys, if one is close enough to be a slip of the fingers. */
export function didYouMean(key: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(key, name);
    if (distance <= Math.ceil(name.length / 3) && (best === undefined || distance < best.distance))
      best = { name, distance };
  }
  return best?.name;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
