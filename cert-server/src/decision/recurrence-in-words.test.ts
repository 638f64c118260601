import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseRecurrence } from './recurrence.js';
import { recurrenceInWords } from './recurrence-in-words.js';

const inWords = (rule: string): string => recurrenceInWords(parseRecurrence(rule));

test.each([
  ['FREQ=DAILY', 'every day'],
  ['FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU', 'every 3 days, only on Monday and Tuesday'],
  [
    'FREQ=DAILY;BYMONTHDAY=13,-1;BYDAY=FR',
    'every day, only on the 13th and the last day of the month if that is Friday',
  ],
  ['FREQ=DAILY;BYMONTH=2,8', 'every day, only in February and August'],
  ['FREQ=WEEKLY', 'every week on Saturday'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', 'every 2 weeks on Monday'],
  ['FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU', 'every 2 weeks on Tuesday (weeks begin on Sunday)'],
  ['FREQ=WEEKLY;WKST=SU;BYDAY=TU', 'every week on Tuesday'],
  [
    'FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=-1',
    'every week on Monday and Wednesday, of these only the last in each week',
  ],
  ['FREQ=MONTHLY', 'every month on the 31st'],
  ['FREQ=MONTHLY;BYMONTHDAY=1,2,3', 'every month on the 1st, the 2nd and the 3rd'],
  ['FREQ=MONTHLY;BYMONTHDAY=-3', 'every month on the 3rd last day of the month'],
  ['FREQ=MONTHLY;BYMONTHDAY=15,-1', 'every month on the 15th and the last day of the month'],
  [
    'FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR,2SA',
    'every month on the 13th if that is Friday or the 2nd Saturday of the month',
  ],
  ['FREQ=MONTHLY;BYDAY=-2MO', 'every month on the 2nd last Monday of the month'],
  ['FREQ=MONTHLY;BYDAY=+1MO,FR', 'every month on every Friday and the 1st Monday of the month'],
  [
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;BYMONTH=1,3',
    'every 2 months on the last Friday of the month, only in January and March',
  ],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-2',
    'every month on every Monday and Tuesday of the month, of these only the 2nd last in each month',
  ],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,-1',
    'every month on every Monday and Tuesday of the month, of these only the 1st and the last in each month',
  ],
  ['FREQ=YEARLY', 'every year on the 31st of January'],
  ['FREQ=YEARLY;BYMONTH=3,5', 'every year on the 31st of March and May'],
  ['FREQ=YEARLY;BYMONTHDAY=1,-1', 'every year on the 1st and the last day of every month'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', 'every year on the 29th of February if that is Monday'],
  ['FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR', 'every year on the 13th of every month if that is Friday'],
  ['FREQ=YEARLY;BYDAY=10MO,-1FR', 'every year on the 10th Monday and the last Friday of the year'],
  ['FREQ=YEARLY;INTERVAL=2;BYDAY=SU', 'every 2 years on every Sunday of the year'],
  ['FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU', 'every year on the last Sunday of March and October'],
  ['FREQ=YEARLY;BYYEARDAY=200,-100', 'every year on the 200th and the 100th last day of the year'],
  [
    'FREQ=YEARLY;BYYEARDAY=1,-1;BYMONTH=1',
    'every year on the 1st and the last day of the year, only in January',
  ],
  ['FREQ=YEARLY;BYWEEKNO=-1', 'every year on Saturday of the last week of the year'],
  [
    'FREQ=YEARLY;BYWEEKNO=52,53,-2;BYDAY=SA,SU',
    'every year on Saturday and Sunday of week 52, week 53 and the 2nd last week of the year',
  ],
  [
    'FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;BYMONTH=12;WKST=SU',
    'every year on Monday of week 1 of the year, only in December (weeks begin on Sunday)',
  ],
  [
    'FREQ=YEARLY;BYYEARDAY=11,12,13,21,102,111',
    'every year on the 11th, the 12th, the 13th, the 21st, the 102nd and the 111th day of the year',
  ],
])('%s', (rule, words) => {
  expect(inWords(`DTSTART:20260131;${rule}`)).toBe(`${words} from 2026-01-31`);
});

test.each([
  ['FREQ=DAILY;COUNT=3', 'every day from 2026-01-31, 3 times in all'],
  ['FREQ=DAILY;COUNT=1', 'every day from 2026-01-31, once in all'],
  ['FREQ=DAILY;UNTIL=20260301', 'every day from 2026-01-31 to 2026-03-01'],
])('%s', (rule, words) => {
  expect(inWords(`DTSTART:20260131;${rule}`)).toBe(words);
});

test('docs/limits.md says what is said', () => {
  const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(FREQ=[^`]+)` \| (every .+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(3);
  for (const [, rule, words] of rows) expect(inWords(`DTSTART:20260131;${rule}`)).toBe(words);
});
