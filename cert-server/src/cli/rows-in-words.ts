/** What an export or an import moved, in words. */
export function rowsInWords(rows: Readonly<Record<string, number>>): string {
  const counted = (n: number, noun: string): string =>
    `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
  const total = Object.values(rows).reduce((sum, n) => sum + n, 0);
  return `${counted(rows.decision ?? 0, 'decision')} and ${counted(total - (rows.decision ?? 0), 'other row')}`;
}
