/** Instants for people: local to the zone that rules there, to the second, with its offset: nobody has to guess. JSON keeps UTC. */

/** `2026-11-22 14:05:09 +01:00`, in `timeZone` or else that of this machine. */
export function formatInstant(instant: string, timeZone?: string): string {
  const at = new Date(instant);
  const zone = timeZone === undefined ? {} : { timeZone };
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', ...zone });
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'longOffset', ...zone }).formatToParts(at);
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', '') ?? '';
  return `${format.format(at)} ${offset === '' ? '+00:00' : offset}`;
}
