/** A QR code of half blocks. With colours it is black on white whatever the colours of the terminal are. */
import { renderUnicodeCompact } from 'uqr';
import type { TextSink } from './command-context.js';
import { hasColours } from './style.js';

const QUIET_ZONE_MODULES = 2;

export function renderQrCode(sink: TextSink, text: string): string {
  const lines = renderUnicodeCompact(text, { ecc: 'M', border: QUIET_ZONE_MODULES }).split('\n');
  if (!hasColours(sink)) return lines.join('\n');
  // Bright white on black from the palette of 256: the 16 basic colours are themed.
  return lines.map((line) => `\u001b[38;5;231;48;5;16m${line}\u001b[0m`).join('\n');
}
