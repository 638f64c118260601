/** The parts of a recurrence by name, as RFC 5545 writes them, and what their values are. Checked values only: recurrence.ts. */
export type RecurrenceValues = ReadonlyMap<string, string>;

/** As RFC 5545 writes them, in the order of weekdayOf. */
export const weekdayNames: readonly string[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** The numbers of a part, each once, in the order in which they were written; none where it is missing. */
export function numbersOf(values: RecurrenceValues, part: string): number[] {
  return [...new Set(values.get(part)?.split(',').map(Number))];
}

/** BYDAY: `-1FR` is the number -1 and the weekday 4. */
export function weekdaysOf(values: RecurrenceValues): { number?: number; weekday: number }[] {
  const items = new Set(values.get('BYDAY')?.split(','));
  return [...items].map((item) => {
    const weekday = weekdayNames.indexOf(item.slice(-2));
    return item.length === 2 ? { weekday } : { number: Number(item.slice(0, -2)), weekday };
  });
}
