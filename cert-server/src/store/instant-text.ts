/** Milliseconds since 1970 as RFC 3339 text in UTC, as every answer of the HTTP interface carries instants. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
