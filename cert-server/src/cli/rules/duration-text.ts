/** Spans of time as they are typed: `30s`, `90m`, `12h`, `7d`. Seconds inside. */
const unitS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const;

/** Undefined for what is no span, and for none at all. */
export function parseDuration(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
  if (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd') return undefined;
  return Number(digits) * unitS[unit];
}

/** In the greatest unit that says it exactly. */
export function formatDuration(seconds: number): string {
  for (const [unit, length] of Object.entries(unitS)) {
    if (seconds % length === 0) return `${seconds / length}${unit}`;
  }
  throw new RangeError('a span is a whole number of seconds');
}
