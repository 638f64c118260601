/** Every vector as the text of its file. A good one gets its value from reading it once, here. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { readVector } from '@tapseal/shared/vectors/read-vector';
import { layersAfterReading, type Vector } from '@tapseal/shared/vectors/vector';
import { badEncodingScenarios } from './bad-encoding-scenarios.js';
import { badLinkScenarios } from './bad-link-scenarios.js';
import { badSignatureScenarios } from './bad-signature-scenarios.js';
import { goodScenarios } from './good-scenarios.js';
import { parties, type Scenario } from './make-vector.js';

function asText(message: Scenario['message']): Vector['message'] {
  if (typeof message === 'string') return message;
  return message instanceof Uint8Array ? bytesToHex(message) : message.map(bytesToHex);
}

async function vectorOf({ refused, ...scenario }: Scenario): Promise<Vector> {
  const unread = { ...scenario, message: asText(scenario.message), expect: { value: undefined } };
  if (refused !== undefined && !layersAfterReading.has(refused.layer)) return { ...unread, expect: refused };
  const value = await readVector(unread, parties.crypto);
  return { ...unread, expect: { ...refused, value } };
}

const scenarios: readonly Scenario[] = [
  ...goodScenarios,
  ...badEncodingScenarios,
  ...badSignatureScenarios,
  ...badLinkScenarios,
];

const LINE_CHARS_MAX = 110;

/** As the formatter of this repository would print it: a list that fits a line stands on one. */
function formatted(vector: Vector): string {
  const text = JSON.stringify(vector, undefined, 2);
  return `${text.replace(
    /^(.*)\[\n([^[\]{}]*)\n *\](,?)$/gm,
    (lines, before: string, items: string, after: string) => {
      const line = `${before}[${items.trim().replace(/\n */g, ' ')}]${after}`;
      return line.length <= LINE_CHARS_MAX ? line : lines;
    },
  )}\n`;
}

/** File name → content. */
export async function vectorFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const scenario of scenarios) {
    const name = `${scenario.name}.json`;
    if (files.has(name)) throw new Error(`two vectors are called ${name}`);
    files.set(name, formatted(await vectorOf(scenario)));
  }
  return files;
}
