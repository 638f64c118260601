/** Where each key of a TOML file stands, since the parser does not tell. Only used to say so: it decides nothing. */

const HEADER = /^\s*\[\s*([A-Za-z0-9_."' -]+?)\s*\]\s*(?:#.*)?$/;
const KEY = /^\s*([A-Za-z0-9_."'-]+(?:\s*\.\s*[A-Za-z0-9_"'-]+)*)\s*=/;

function plain(key: string): string {
  return key.replace(/["'\s]/g, '');
}

/** Dotted key or table → its line, 1 for the first. */
export function keyLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table = '';
  for (const [index, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      table = plain(header);
      lines.set(table, index + 1);
      continue;
    }
    const key = KEY.exec(line)?.[1];
    if (key === undefined) continue;
    const dotted = table === '' ? plain(key) : `${table}.${plain(key)}`;
    if (!lines.has(dotted)) lines.set(dotted, index + 1);
  }
  return lines;
}
