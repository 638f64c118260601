/** Labels and keys as they are typed: `merchant=cafe-ada`. Several make one record; `null` stands for one that is taken away. */
import { InvalidArgumentError } from 'commander';
import type { Labels } from '../../decision/labels.js';
import type { LabelChanges } from '../../http/admin-schemas.js';
import { parseName } from '../option-values.js';

function parseLabel(text: string): Labels {
  const [name = '', value, ...rest] = text.split('=');
  if (value === undefined || rest.length > 0) {
    throw new InvalidArgumentError('It is a name and a value, for example merchant=cafe-ada.');
  }
  return { [parseName(name)]: parseName(value) };
}

/** One more, which may repeat what was said and not contradict it. @throws InvalidArgumentError */
function withChange<Value>(
  before: Readonly<Record<string, Value>>,
  change: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  for (const [name, value] of Object.entries(change)) {
    if (Object.hasOwn(before, name) && before[name] !== value) {
      throw new InvalidArgumentError(`Something else is said of ${name} before.`);
    }
  }
  return { ...before, ...change };
}

/** @throws InvalidArgumentError */
export function collectLabels(text: string, before: Labels | undefined): Labels {
  return withChange<string>(before ?? {}, parseLabel(text));
}

/** For commands that take labels away as well. @throws InvalidArgumentError */
export function collectAddition(text: string, before: LabelChanges | undefined): LabelChanges {
  return withChange<string | null>(before ?? {}, parseLabel(text));
}

/** @throws InvalidArgumentError */
export function collectRemoval(text: string, before: LabelChanges | undefined): LabelChanges {
  return withChange<string | null>(before ?? {}, { [parseName(text)]: null });
}

/** `merchant=cafe-ada, site=airport` */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
