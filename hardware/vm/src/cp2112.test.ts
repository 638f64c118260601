import { beforeEach, describe, expect, test } from 'vitest';

import { Cp2112, type LineState } from './cp2112.js';

const config = 0x02;
const read = 0x03;
const set = 0x04;

describe('CP2112 GPIO half', () => {
  let changes: [line: number, state: LineState][];
  let chip: Cp2112;
  beforeEach(() => {
    changes = [];
    chip = new Cp2112((line, state) => changes.push([line, state]));
  });

  test('starts with every line an input at low, and reports no change', () => {
    expect(chip.readReport(config)).toEqual(Buffer.from([config, 0, 0, 0, 0]));
    expect(chip.readReport(read)).toEqual(Buffer.from([read, 0]));
    expect(changes).toEqual([]);
  });

  test('sets only the lines of the mask, and only outputs', () => {
    chip.writeReport(Buffer.from([config, 0b0000_0110, 0xff, 0, 0]));
    changes = [];
    chip.writeReport(Buffer.from([set, 0xff, 0b0000_1010]));
    expect(chip.readReport(read)).toEqual(Buffer.from([read, 0b0000_0010]));
    expect(changes).toEqual([[1, { driven: true, value: 1 }]]);
  });

  test('reports the beginning and the end of driving', () => {
    chip.writeReport(Buffer.from([config, 1, 0xff, 0, 0]));
    chip.writeReport(Buffer.from([set, 0xff, 1]));
    chip.writeReport(Buffer.from([config, 0, 0xff, 0, 0]));
    expect(changes.map(([, { driven, value }]) => [driven, value])).toEqual([
      [true, 0],
      [true, 1],
      [false, 1],
    ]);
  });

  test('an input takes the level from outside, an output does not', () => {
    chip.setInput(7, 1);
    expect(chip.line(7)).toEqual({ driven: false, value: 1 });
    chip.writeReport(Buffer.from([config, 0b1000_0000, 0xff, 0, 0]));
    chip.setInput(7, 0);
    expect(chip.line(7).value).toBe(1);
  });

  test('refuses reports and lines it does not have', () => {
    expect(chip.readReport(0x21)).toBeUndefined();
    expect(chip.writeReport(Buffer.from([0x21, 0]))).toBe(false);
    for (const line of [-1, 8, 0.5, Number.NaN]) expect(() => chip.line(line)).toThrow(RangeError);
  });
});
