/** Reads the keys of one TOML table, each with its type and bound, and collects every fault instead of stopping at the first. */
import { didYouMean } from './config-faults.js';

export type Table = Readonly<Record<string, unknown>>;

/** Takes a fault of a dotted key. */
export type FaultSink = (key: string, message: string) => void;

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export class TableReader {
  readonly #path: string;
  readonly #table: Table;
  readonly #fault: FaultSink;
  readonly #known = new Set<string>();

  constructor(path: string, table: Table, fault: FaultSink) {
    this.#path = path;
    this.#table = table;
    this.#fault = fault;
  }

  keyOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  fault(key: string, message: string): void {
    this.#fault(this.keyOf(key), message);
  }

  integer(key: string, range: { min: number; max: number; fallback?: number }): number {
    const value = this.#take(key);
    if (value === undefined) return this.#missing(key, range.fallback, range.min);
    if (typeof value === 'number' && Number.isInteger(value) && value >= range.min && value <= range.max)
      return value;
    this.fault(key, `must be a whole number from ${range.min} to ${range.max}`);
    return range.min;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#take(key);
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    this.fault(key, 'must be true or false');
    return fallback;
  }

  /** @param accept says what is wrong with a text, or undefined */
  text(key: string, accept: (value: string) => string | undefined, fallback?: string): string {
    const value = this.#take(key);
    if (value === undefined) return this.#missing(key, fallback, '');
    if (typeof value !== 'string') {
      this.fault(key, 'must be a text in quotes');
      return '';
    }
    const wrong = accept(value);
    if (wrong !== undefined) this.fault(key, wrong);
    return value;
  }

  oneOf<T extends string>(key: string, choices: readonly T[], fallback?: T): T | undefined {
    const value = this.#take(key);
    if (value === undefined) return this.#missing(key, fallback, undefined);
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) {
      const guess = typeof value === 'string' ? didYouMean(value, choices) : undefined;
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      this.fault(key, `must be one of ${choices.map((name) => `"${name}"`).join(', ')}${hint}`);
    }
    return choice;
  }

  texts(key: string, countMax: number): string[] {
    const value = this.#take(key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length <= countMax && value.every((item) => typeof item === 'string'))
      return value;
    this.fault(key, `must be a list of at most ${countMax} texts`);
    return [];
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** A table inside this one, or undefined if it is not there. */
  table(key: string): TableReader | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (isTable(value)) return new TableReader(this.keyOf(key), value, this.#fault);
    this.fault(key, 'must be a table');
    return undefined;
  }

  /** To be called last: whatever is left is a fault. */
  finish(): void {
    for (const key of Object.keys(this.#table)) {
      if (this.#known.has(key)) continue;
      const guess = didYouMean(key, [...this.#known]);
      this.fault(key, `is unknown${guess === undefined ? '' : `; did you mean "${guess}"?`}`);
    }
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return Object.hasOwn(this.#table, key) ? this.#table[key] : undefined;
  }

  #missing<T, F>(key: string, fallback: T | undefined, otherwise: F): T | F {
    if (fallback !== undefined) return fallback;
    this.#fault(this.keyOf(key), 'is missing');
    return otherwise;
  }
}
