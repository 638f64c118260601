/**
 * Text from a server or a file, made harmless for a terminal: control characters, which could move the cursor or change
 * colours, and marks that turn the direction of writing are shown as `\u{…}`.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
