/** The options that make the rules of an offer, and those of an offer that is changed. */
import type {
  Cooldown,
  Exception,
  Limit,
  OfferRules,
  Spend,
  Weekday,
  Window,
} from '../../decision/offer-rules.js';
import { amountMinorOf } from '../offer-options.js';
import { usageError } from '../problem-error.js';
import { formatCooldown } from './cooldown-text.js';
import { formatLimit, type LimitText, limitOf } from './limit-text.js';

export type RuleOptions = {
  readonly limit?: readonly LimitText[];
  readonly cooldown?: readonly Cooldown[];
  readonly window?: readonly Window[];
  readonly except?: readonly Exception[];
  readonly spend?: Spend;
  /** An amount of the programme's currency. False: without one any more. */
  readonly step?: string | false;
  // Short for the commonest.
  readonly max?: number;
  readonly perDay?: number;
  readonly perWeek?: number;
  readonly perMonth?: number;
  readonly from?: string;
  readonly until?: string;
  readonly weekdays?: readonly Weekday[];
  /** False: without one any more. */
  readonly validFrom?: string | false;
  readonly validTo?: string | false;
  /** False: without those it had. */
  readonly limits?: boolean;
  readonly cooldowns?: boolean;
  readonly windows?: boolean;
  readonly exceptions?: boolean;
};

function givenLimits(options: RuleOptions, currency: string): Limit[] {
  const { max, perDay, perWeek, perMonth } = options;
  const short: readonly (readonly [number | undefined, 'day' | 'week' | 'month'])[] = [
    [perDay, 'day'],
    [perWeek, 'week'],
    [perMonth, 'month'],
  ];
  return [
    ...(max === undefined ? [] : [{ maximum: max }]),
    ...short.flatMap(([maximum, unit]) =>
      maximum === undefined ? [] : [{ maximum, per: ['shopper'], period: { unit } }],
    ),
    ...(options.limit ?? []).map((text) => limitOf(text, currency)),
  ];
}

/** What it counts, in which period: the same for two limits of which one replaces the other. */
function scopeOf({ of = 'grants', per = [], period }: Limit): string {
  const parts = period !== undefined && 'unit' in period ? { every: 1, weekStart: 'mon', ...period } : period;
  const sorted = Object.entries(parts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([of, [...per].sort(), sorted]);
}

function perOf({ per = ['shopper'] }: Cooldown): string {
  return JSON.stringify([...per].sort());
}

/** Those before, without what is given anew, and what is given. */
function replaced<Rule>(
  before: readonly Rule[],
  given: readonly Rule[],
  scope: (rule: Rule) => string,
  asText: (rule: Rule) => string,
): Rule[] {
  const scopes = new Map<string, Rule>();
  for (const rule of given) {
    const other = scopes.get(scope(rule));
    if (other !== undefined) {
      throw usageError(
        `${asText(other)} and ${asText(rule)} limit the same.`,
        'Give the smaller one alone: where both must hold, it decides.',
      );
    }
    scopes.set(scope(rule), rule);
  }
  return [...before.filter((rule) => !scopes.has(scope(rule))), ...given];
}

function shortWindow(options: RuleOptions, before: readonly Window[]): Window[] | undefined {
  const { from, until, weekdays } = options;
  if (from === undefined && until === undefined && weekdays === undefined) return undefined;
  if (options.window !== undefined || before.length > 1) {
    throw usageError(
      '--from, --until and --weekdays make one window, and here there are several.',
      'Give all of them with --window, for example --window "mon-fri 08:00-12:00" --window "sat 10:00-14:00".',
    );
  }
  const window = {
    ...before[0],
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(weekdays === undefined ? {} : { weekdays: [...weekdays] }),
  };
  if (window.from !== undefined && window.from === window.until) {
    throw usageError(
      `--from and --until are both ${window.from}: that is no window.`,
      'Leave both out for the whole day.',
    );
  }
  return [window];
}

function stepMinorOf(step: string, currency: string): number {
  const stepMinor = amountMinorOf(step, currency);
  if (stepMinor > 0) return stepMinor;
  throw usageError(`--step ${step} is no step.`, 'Leave it out, or give --no-step, for parts of any size.');
}

function checkValidity({ validFrom, validTo }: OfferRules): void {
  // Text in this form sorts by time where both have the same precision, as two dates have.
  if (validFrom?.length === 10 && validTo?.length === 10 && validTo < validFrom) {
    throw usageError(
      `--valid-to ${validTo} is before --valid-from ${validFrom}.`,
      'Give the first day with --valid-from and the last one with --valid-to.',
    );
  }
}

/**
 * The rules of an offer that had `before`: a limit or cool-down replaces the one that counts the same, windows and exceptions
 * are replaced as a whole, what is not given stays.
 * @throws ProblemError usage_invalid
 */
export function rulesOf(options: RuleOptions, currency: string, before: OfferRules = {}): OfferRules {
  const limits = replaced(
    options.limits === false ? [] : (before.limits ?? []),
    givenLimits(options, currency),
    scopeOf,
    (limit) => formatLimit(limit, currency),
  );
  const cooldowns = replaced(
    options.cooldowns === false ? [] : (before.cooldowns ?? []),
    options.cooldown ?? [],
    perOf,
    formatCooldown,
  );
  const windowsBefore = options.windows === false ? [] : (before.windows ?? []);
  const windows = shortWindow(options, windowsBefore) ?? options.window ?? windowsBefore;
  const except = options.except ?? (options.exceptions === false ? [] : (before.except ?? []));
  const { spend = before.spend, validFrom = before.validFrom, validTo = before.validTo, step } = options;
  const stepMinor = typeof step === 'string' ? stepMinorOf(step, currency) : (step ?? before.stepMinor);
  const rules = {
    ...(limits.length === 0 ? {} : { limits }),
    ...(cooldowns.length === 0 ? {} : { cooldowns }),
    ...(windows.length === 0 ? {} : { windows: [...windows] }),
    ...(except.length === 0 ? {} : { except: [...except] }),
    ...(spend === undefined ? {} : { spend }),
    ...(stepMinor === undefined || stepMinor === false ? {} : { stepMinor }),
    ...(validFrom === undefined || validFrom === false ? {} : { validFrom }),
    ...(validTo === undefined || validTo === false ? {} : { validTo }),
  };
  checkValidity(rules);
  return rules;
}
