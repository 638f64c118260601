/**
 * Public holidays by country and region, from the tables of `date-holidays`. Only holidays of the type "public" that last whole
 * days.
 */
import type HolidayTable from 'date-holidays';
import { holidayTables } from '../holidays/holiday-tables.js';
import { dayOfDate, yearOf } from './calendar-day.js';
import type { Holidays } from './offer-rules.js';

const MS_PER_HOUR = 3_600_000;
/** No holiday is longer: those of the last days of a year reach this far into the next one. */
const HOLIDAY_DAYS_MAX = 16;

type Region = { readonly table: HolidayTable; readonly daysOfYear: Map<number, ReadonlySet<number>> };
const regions = new Map<string, Region>();

function regionOf({ country, region }: Holidays): Region {
  const id = `${country}-${region ?? ''}`;
  let known = regions.get(id);
  if (known === undefined) {
    const Table = holidayTables();
    const table = region === undefined ? new Table(country) : new Table(country, region);
    known = { table, daysOfYear: new Map() };
    regions.set(id, known);
  }
  return known;
}

/** Days of the holidays that begin in that year. */
function daysOfYear(holidays: Holidays, year: number): ReadonlySet<number> {
  const region = regionOf(holidays);
  const known = region.daysOfYear.get(year);
  if (known !== undefined) return known;
  const days = new Set<number>();
  for (const { type, date, start, end } of region.table.getHolidays(year)) {
    const first = dayOfDate(date.slice(0, 10));
    if (type !== 'public' || first === undefined) continue;
    // The day on which clocks go forward has 23 hours; half a holiday is none.
    const length = Math.floor((end.getTime() - start.getTime() + MS_PER_HOUR) / (24 * MS_PER_HOUR));
    for (let day = 0; day < length; day++) days.add(first + day);
  }
  region.daysOfYear.set(year, days);
  return days;
}

/** @param holidays ones of which `nameHolidays` knows the name */
export function isHoliday(holidays: Holidays, day: number): boolean {
  const year = yearOf(day);
  if (daysOfYear(holidays, year).has(day)) return true;
  return yearOf(day - HOLIDAY_DAYS_MAX) < year && daysOfYear(holidays, year - 1).has(day);
}

/** `Germany (Berlin)`; undefined where the tables know no such country or region. */
export function nameHolidays({ country, region }: Holidays): string | undefined {
  const table = new (holidayTables())();
  const name = table.getCountries('en')[country];
  if (name === undefined || region === undefined) return name;
  const regionName = table.getStates(country, 'en')?.[region];
  return regionName === undefined ? undefined : `${name} (${regionName})`;
}
