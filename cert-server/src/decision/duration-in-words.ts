const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Exact, in the largest unit that fits: `7 days`, `24 hours` (a day of the calendar can be longer), `90 seconds`. */
export function durationInWords(seconds: number): string {
  for (const [unit, length] of units) {
    if (seconds % length !== 0 || (seconds === 86_400 && unit === 'day')) continue;
    const count = seconds / length;
    return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  throw new RangeError('seconds must be a whole number');
}
