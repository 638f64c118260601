/** Instants for people: local to the zone that rules there, to the second. JSON keeps UTC. */

/** `2026-11-22 14:05:09`, in `timeZone` or else that of this machine. */
export function formatInstant(instant: string, timeZone?: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return format.format(new Date(instant));
}
