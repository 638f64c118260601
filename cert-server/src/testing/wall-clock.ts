/**
 * For tests only: what the wall clock of a zone reads, by formatting the instant with Intl and reading the text. Slow and
 * obvious, and nothing of the decision's own arithmetic: what it is checked against.
 */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

export type WallClock = {
  /** YYYY-MM-DD */
  readonly date: string;
  /** HH:MM:SS */
  readonly time: string;
};

export function readWallClock(instantMs: number, timeZone: string): WallClock {
  // `06/10/2026, 08:30:00`
  const text = formatOf(timeZone).format(instantMs);
  return {
    date: `${text.slice(6, 10)}-${text.slice(0, 2)}-${text.slice(3, 5)}`,
    time: text.slice(12),
  };
}

/** Wall clock minus instant, to the second. */
function offsetMs(instantMs: number, timeZone: string): number {
  const { date, time } = readWallClock(instantMs, timeZone);
  return Date.parse(`${date}T${time}Z`) - Math.floor(instantMs / 1_000) * 1_000;
}

/** The first instants after which the clocks keep another distance to UTC, found by looking once a day. */
export function clockChanges(timeZone: string, fromMs: number, toMs: number): number[] {
  const changes: number[] = [];
  const fromS = Math.floor(fromMs / 1_000);
  let before = offsetMs(fromS * 1_000, timeZone);
  for (let dayS = fromS + 86_400; dayS * 1_000 <= toMs; dayS += 86_400) {
    const now = offsetMs(dayS * 1_000, timeZone);
    if (now === before) continue;
    // Changes come at whole seconds.
    let [stillS, changedS] = [dayS - 86_400, dayS];
    while (changedS - stillS > 1) {
      const middleS = Math.floor((stillS + changedS) / 2);
      if (offsetMs(middleS * 1_000, timeZone) === before) stillS = middleS;
      else changedS = middleS;
    }
    changes.push(changedS * 1_000);
    before = now;
  }
  return changes;
}

export const allTimeZones: readonly string[] = Intl.supportedValuesOf('timeZone');
