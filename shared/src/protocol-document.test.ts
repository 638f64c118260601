/** docs/protocol.md and docs/protocol.cddl say what the code does. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { actionCode, actions } from './action.js';
import { advertisingData, EXCHANGE_UUID, SERVICE_UUID } from './advert.js';
import * as bounds from './bounds.js';
import { bytesToHex } from './bytes.js';
import { errorCodes, errorTable, isErrorCode } from './error-codes.js';
import { type Field, objectFields } from './object-fields.contract.js';
import { objectKinds } from './objects.contract.js';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const document = read('protocol.md');
const cddl = read('protocol.cddl');

function section(heading: string): string {
  const start = document.search(new RegExp(`^#+ ${heading.replaceAll('.', '\\.')} `, 'm'));
  if (start < 0) throw new Error(`no section ${heading}`);
  const rest = document.slice(document.indexOf('\n', start));
  const end = rest.search(/^#{2,3} /m);
  return end < 0 ? rest : rest.slice(0, end);
}

function rows(text: string): string[][] {
  return [...text.matchAll(/^ *\| *(.+?) *\|$/gm)].map((match) => (match[1] ?? '').split(/ *\| */));
}

/** A field as the CDDL writes it. */
function asCddl(field: Field): string {
  switch (field.type) {
    case 'bytes':
      // The one field with two lengths.
      if (field.name === 'public-key') return 'bstr .size 32 / bstr .size 65';
      return field.min === field.max ? `bstr .size ${field.max}` : `bstr .size (${field.min}..${field.max})`;
    case 'uint':
      return field.min === 0 && field.max === bounds.UINT32_MAX ? 'u32' : `${field.min}..${field.max}`;
    case 'code':
      return `${Math.min(...field.codes)}..${Math.max(...field.codes)}`;
    case 'name':
      return 'name';
    case 'text':
      return `tstr .size (0..${field.bytesMax})`;
    case 'list':
      return `[0*${field.countMax} bstr .size ${field.itemBytes}]`;
  }
}

describe('protocol.cddl', () => {
  test.each(objectKinds)('$kind: every field, in order, with its bound', ({ kind }) => {
    const body = cddl.match(new RegExp(`^${kind} = \\[\\n([\\s\\S]*?)\\n\\]`, 'm'))?.[1] ?? '';
    const written = body.split('\n').map((line) => line.trim().replace(/,$/, ''));
    expect(written).toEqual(objectFields[kind].map((field) => `${field.name}: ${asCddl(field)}`));
  });

  test.each(objectKinds)('$kind: its header', ({ kind, keyId }) => {
    const header =
      keyId !== undefined
        ? 'header-with-kid'
        : /^re(quest|gistration)$/.test(kind)
          ? 'phone-header'
          : 'header';
    expect(cddl).toMatch(new RegExp(`^signed-${kind} += sign1<bstr \\.cbor ${kind}, ${header}>$`, 'm'));
  });

  test('describes no object that is not there', () => {
    const described = [...cddl.matchAll(/^signed-([a-z]+) /gm)].map((match) => match[1]);
    expect(described.sort()).toEqual(objectKinds.map(({ kind }) => kind).sort());
  });
});

describe('protocol.md', () => {
  test('§2 has every bound with its value', () => {
    const table = new Map(rows(section('2.')).map(([name = '', value = '']) => [name, value]));
    for (const [name, value] of Object.entries(bounds)) {
      if (typeof value === 'string') expect(section('2.')).toContain(value);
      else expect(table.get(name), name).toBe(String(value));
    }
    const known = new Set(['bound', '---', ...Object.keys(bounds)]);
    expect([...table.keys()].filter((name) => !known.has(name) && !name.startsWith('-'))).toEqual([]);
  });

  const sections: Record<string, string> = {
    hello: '6.3',
    request: '6.4',
    voucher: '6.5',
    refusal: '6.6',
    receipt: '6.7',
    registration: '6.8',
    manifest: '6.9',
    enrolment: '9.',
  };

  test.each(objectKinds)('the table of a $kind has its fields in order', ({ kind }) => {
    const listed = rows(section(sections[kind] ?? '')).filter(([number = '']) => /^\d$/.test(number));
    const names = objectFields[kind].map((field, index) => [String(index), field.name]);
    expect(listed.slice(-names.length).map(([number, name]) => [number, name])).toEqual(names);
  });

  test('§4.1 and §5.1 have the UUIDs, and the service byte for byte', () => {
    expect(section('4.1')).toContain(SERVICE_UUID);
    expect(section('4.1')).toContain(EXCHANGE_UUID);
    expect(section('5.1')).toContain(bytesToHex(advertisingData().subarray(5)));
  });

  test('§4.4 has every status byte', () => {
    for (const code of errorCodes) {
      const { ble } = errorTable[code];
      if (ble === undefined) continue;
      const byte = ble.toString(16).padStart(2, '0');
      expect(section('4.4')).toMatch(new RegExp(`^\\| \`${byte}\` \\| \`${code}\``, 'm'));
    }
  });

  test('§6.5 has every action', () => {
    for (const action of actions) expect(section('6.5')).toContain(`${actionCode(action)} ${action}`);
  });

  test('every code that it names is one', () => {
    const names = [...document.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(60);
    expect(names.filter((name) => !isErrorCode(name) && name !== 'crypto_box_seal')).toEqual([]);
  });

  test('every link inside of it leads somewhere', () => {
    const anchors = new Set(
      [...document.matchAll(/^#+ (.+)$/gm)].map((match) =>
        (match[1] ?? '')
          .toLowerCase()
          .replace(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.filter((link) => !anchors.has(link))).toEqual([]);
  });
});
