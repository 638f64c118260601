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
import { periodPhase } from '../../decision/period-phase.js';
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
  // An offer carries one value of a key: with it and without it is the same.
  const members = per.map((text) => text.replace(/^(key\.[^=]*)=.*/, '$1'));
  const when = period !== undefined && 'unit' in period ? periodPhase(period) : period?.rollingS;
  return JSON.stringify([of, members.sort(), when]);
}

/** A cool-down counts what the rolling limit of its span counts. */
function cooldownScopeOf({ seconds, per = ['shopper'] }: Cooldown): string {
  return scopeOf({ maximum: 1, per, period: { rollingS: seconds } });
}

function perOf({ per = ['shopper'] }: Cooldown): string {
  return JSON.stringify([...per].sort());
}

function refuseSame(one: string, other: string): never {
  throw usageError(
    `${one} and ${other} limit the same.`,
    'Give the smaller one alone: where both must hold, it decides.',
  );
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
    if (other !== undefined) refuseSame(asText(other), asText(rule));
    scopes.set(scope(rule), rule);
  }
  return [...before.filter((rule) => !scopes.has(scope(rule))), ...given];
}

/** Limits and cool-downs together: of a rolling limit and a cool-down that count the same, the given one replaces the other. */
function replacedCounts(
  options: RuleOptions,
  currency: string,
  before: OfferRules,
): { readonly limits: Limit[]; readonly cooldowns: Cooldown[] } {
  const given = { limits: givenLimits(options, currency), cooldowns: options.cooldown ?? [] };
  const limitOfScope = new Map(given.limits.map((limit) => [scopeOf(limit), limit]));
  for (const cooldown of given.cooldowns) {
    const limit = limitOfScope.get(cooldownScopeOf(cooldown));
    if (limit !== undefined) refuseSame(formatLimit(limit, currency), formatCooldown(cooldown));
  }
  const cooldownScopes = new Set(given.cooldowns.map(cooldownScopeOf));
  const limitsBefore = options.limits === false ? [] : (before.limits ?? []);
  const cooldownsBefore = options.cooldowns === false ? [] : (before.cooldowns ?? []);
  return {
    limits: replaced(
      limitsBefore.filter((limit) => !cooldownScopes.has(scopeOf(limit))),
      given.limits,
      scopeOf,
      (limit) => formatLimit(limit, currency),
    ),
    cooldowns: replaced(
      cooldownsBefore.filter((cooldown) => !limitOfScope.has(cooldownScopeOf(cooldown))),
      given.cooldowns,
      perOf,
      formatCooldown,
    ),
  };
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
 * The rules of an offer that had `before`: a limit or cool-down replaces the one that counts the same, a cool-down also that of
 * the same people; windows and exceptions are replaced as a whole, what is not given stays.
 * @throws ProblemError usage_invalid
 */
export function rulesOf(options: RuleOptions, currency: string, before: OfferRules = {}): OfferRules {
  const { limits, cooldowns } = replacedCounts(options, currency, before);
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
