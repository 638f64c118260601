/** docs/limits.md is what operators go by: each of its examples is tried, as JSON and as options of the command line. */
import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { amountMinorOf } from '../cli/offer-options.js';
import { parseCooldown } from '../cli/rules/cooldown-text.js';
import { parseException } from '../cli/rules/exception-text.js';
import { limitOf, parseLimit } from '../cli/rules/limit-text.js';
import { parseSpend } from '../cli/rules/spend-text.js';
import { parseWindow } from '../cli/rules/window-text.js';
import { testOffer, testParty } from '../testing/test-offer.js';
import { countersOf } from './counters.js';
import { describeOffer } from './describe-offer.js';
import { OfferRules } from './offer-rules.js';

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
/** JSON, the options that say the same, and below them what the server makes of it in words. */
const example = /```json\n(.*?)```\n```sh\n(.*?)```(?:\n\n\*([^*]+)\.\*)?/gs;
const examples = [...page.matchAll(example)].map(([, json = '', options = '', words]) => ({
  rules: JSON.parse(json) as unknown,
  options: options.trim().split('\n'),
  words: words?.replace(/\s+/g, ' '),
}));

/** The rules that options make, as the command line reads them. */
function rulesOf(options: readonly string[]): OfferRules {
  const valuesOf = (name: string): string[] =>
    options.flatMap((option) => {
      const [, value] = new RegExp(`^--${name} (?:"(.+)"|(.+))$`).exec(option)?.filter(Boolean) ?? [];
      return value === undefined ? [] : [value];
    });
  const limits = valuesOf('limit').map((text) => limitOf(parseLimit(text), 'EUR'));
  const cooldowns = valuesOf('cooldown').map(parseCooldown);
  const windows = valuesOf('window').map(parseWindow);
  const except = valuesOf('except').map(parseException);
  const [spend] = valuesOf('spend').map(parseSpend);
  const [stepMinor] = valuesOf('step').map((text) => amountMinorOf(text, 'EUR'));
  const [validFrom] = valuesOf('valid-from');
  const [validTo] = valuesOf('valid-to');
  return {
    ...(limits.length === 0 ? {} : { limits }),
    ...(cooldowns.length === 0 ? {} : { cooldowns }),
    ...(windows.length === 0 ? {} : { windows }),
    ...(except.length === 0 ? {} : { except }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
    ...(spend === undefined ? {} : { spend }),
    ...(stepMinor === undefined ? {} : { stepMinor }),
  };
}

const offerOf = (rules: OfferRules) =>
  testOffer(rules, 'Europe/Berlin', { id: 'free-coffee', amountMinor: 250, keys: { campaign: 'summer' } });

test('the page has an example of every rule, and no JSON without its options', () => {
  expect(examples.length).toBe(page.match(/```json/g)?.length);
  const said = new Set(examples.flatMap(({ rules }) => Object.keys(rules as object)));
  expect([...said].sort()).toEqual(Object.keys(OfferRules.properties).sort());
});

test.each(examples)('an offer can have these rules: $options', ({ rules, options }) => {
  expect([...Value.Errors(OfferRules, rules)]).toEqual([]);
  const offer = offerOf(rules as OfferRules);
  expect(offer.rules).toEqual(rulesOf(options));
});

test('what is printed in italics below an example is what the server says of it', () => {
  const said = examples.filter(({ words }) => words !== undefined);
  expect(said.length).toBeGreaterThan(5);
  for (const { rules, words = '' } of said) {
    const sentence = describeOffer(offerOf(rules as OfferRules)).toLowerCase();
    for (const part of words.toLowerCase().split(/; (?=at most)/)) expect(sentence).toContain(part);
  }
});

test('each limit of the table counts under the key that stands beside it', () => {
  const rows = [
    ...page.matchAll(
      /^\| `([^`]+)`(?:, `--cooldown [^`]+`)? \| `((?:offer|keys)\\\|[^`]*|offer\/[^`]*)` \|$/gm,
    ),
  ];
  expect(rows).toHaveLength(7);
  const party = testParty('ID', { touchpointLabels: { merchant: 'cafe-ada' } });
  for (const [, limit = '', key = ''] of rows) {
    const offer = offerOf({ limits: [limitOf(parseLimit(limit), 'EUR')] });
    const keys = countersOf(offer, party, Date.parse('2026-11-22T12:00:00Z')).map((counter) => counter.key);
    expect(keys).toEqual([key.replaceAll('\\|', '|')]);
  }
});
