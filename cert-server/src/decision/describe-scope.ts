/** Whom and what a limit counts apart, in words: `for each shopper at each touchpoint`, `over all offers of this campaign`. */
import type { Dimension } from './dimension.js';
import { listInWords } from './list-in-words.js';

/** What one side of the tap, the shopper or the touchpoint, adds to the dimensions. */
type Side = {
  /** What is counted apart: `shopper`, or names of labels. */
  readonly apart: readonly string[];
  readonly isGroupsOnly: boolean;
  /** `tier gold` */
  readonly only: readonly string[];
};

function sideOf(dimensions: readonly Dimension[], of: 'shopper' | 'touchpoint'): Side | undefined {
  const own = dimensions.filter((dimension) => dimension.of === of);
  if (own.length === 0) return undefined;
  const isEach = own.some(({ label }) => label === undefined);
  const groups = own.flatMap(({ label, value }) =>
    label !== undefined && value === undefined ? [label] : [],
  );
  return {
    apart: [...(isEach ? [of] : []), ...groups],
    isGroupsOnly: !isEach,
    only: own.flatMap(({ label, value }) => (value === undefined ? [] : [`${label} ${value}`])),
  };
}

function shoppersInWords({ apart, isGroupsOnly, only }: Side): string {
  const who = only.length === 0 ? '' : ` with ${listInWords(only)}`;
  if (apart.length === 0) return `for shoppers${who}`;
  return `for each ${listInWords(apart)}${isGroupsOnly ? ' of shoppers' : ''}${who}`;
}

function touchpointsInWords({ apart, isGroupsOnly, only }: Side, isAlone: boolean): string {
  const which = only.length === 0 ? '' : ` with ${listInWords(only)}`;
  if (apart.length === 0) return `at touchpoints${which}`;
  return `${isGroupsOnly && isAlone ? 'for' : 'at'} each ${listInWords(apart)}${which}`;
}

function keysInWords(dimensions: readonly Dimension[]): string | undefined {
  const keys = dimensions.filter(({ of }) => of === 'key');
  if (keys.length === 0) return undefined;
  const names = keys.map(({ label, value }) => (value === undefined ? `this ${label}` : `${label} ${value}`));
  return `over all offers of ${listInWords(names)}`;
}

/** Empty where all is counted together. */
export function describeScope(dimensions: readonly Dimension[]): string {
  const [shopper, touchpoint] = [sideOf(dimensions, 'shopper'), sideOf(dimensions, 'touchpoint')];
  const phrases = [
    shopper === undefined ? undefined : shoppersInWords(shopper),
    touchpoint === undefined ? undefined : touchpointsInWords(touchpoint, shopper === undefined),
    keysInWords(dimensions),
  ];
  return phrases.filter((phrase) => phrase !== undefined).join(' ');
}
