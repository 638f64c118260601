/**
 * The GPIO half of the CP2112, a USB chip with eight GPIO lines: what it answers to each HID feature report.
 *
 * Source: Silicon Labs AN495, chapters 4.1 to 4.6. Without I/O, so that it can be tested anywhere; `simulated-gpio-chip.ts` puts it
 * under the kernel's own driver.
 */

/** Lines of the chip, numbered from 0. */
export const lineCount = 8;

export const vendorId = 0x10c4;
export const productId = 0xea90;

const gpioConfigReport = 0x02;
const gpioGetReport = 0x03;
const gpioSetReport = 0x04;
const versionReport = 0x05;
const smbusConfigReport = 0x06;
const lockReport = 0x20;

/** HID report descriptor: a vendor-defined collection with the feature reports that are answered below. */
export const reportDescriptor: Buffer = Buffer.concat([
  Buffer.from('0600ff0901a1011500' + '26ff007508', 'hex'),
  ...(
    [
      [gpioConfigReport, 4],
      [gpioGetReport, 1],
      [gpioSetReport, 2],
      [versionReport, 2],
      [smbusConfigReport, 13],
      [lockReport, 1],
    ] as const
  ).map(([id, dataBytes]) => Buffer.from([0x85, id, 0x95, dataBytes, 0x09, 0x01, 0xb1, 0x02])),
  Buffer.from('c0', 'hex'),
]);

/** What the pin of a line does. */
export interface LineState {
  /** True for an output: the chip drives the pin. */
  driven: boolean;
  /** Level of the pin. */
  value: 0 | 1;
}

/** The chip's registers; `onOutput` is called when a pin's level changes while it is driven, and when driving begins or ends. */
export class Cp2112 {
  #outputs = 0;
  #pushPull = 0;
  #levels = 0;
  readonly #onOutput: (line: number, state: LineState) => void;

  constructor(onOutput: (line: number, state: LineState) => void) {
    this.#onOutput = onOutput;
  }

  /** The present state of line 0 to 7. Throws RangeError for another. */
  line(index: number): LineState {
    const bit = bitOf(index);
    return { driven: (this.#outputs & bit) !== 0, value: (this.#levels & bit) === 0 ? 0 : 1 };
  }

  /** Sets the level on the pin of an input, as a switch outside would; an output keeps its own. Throws RangeError as `line` does. */
  setInput(index: number, value: 0 | 1): void {
    const bit = bitOf(index);
    if ((this.#outputs & bit) !== 0) return;
    this.#levels = value === 0 ? this.#levels & ~bit : this.#levels | bit;
  }

  /** The report with its number first, or undefined for one that this half of the chip does not have. */
  readReport(number: number): Buffer | undefined {
    switch (number) {
      case gpioConfigReport:
        return Buffer.from([number, this.#outputs, this.#pushPull, 0, 0]);
      case gpioGetReport:
        return Buffer.from([number, this.#levels]);
      case versionReport:
        return Buffer.from([number, 0x0c, 0x03]); // part number and version, as the chip's own
      case smbusConfigReport:
        return Buffer.alloc(14, 0).fill(number, 0, 1);
      case lockReport:
        return Buffer.from([number, 0]);
      default:
        return undefined;
    }
  }

  /** Takes a report with its number first; false for one that this half of the chip does not have. */
  writeReport(report: Uint8Array): boolean {
    const [number, first = 0, second = 0] = report;
    switch (number) {
      case gpioConfigReport:
        this.#change(first, this.#levels);
        this.#pushPull = second;
        return true;
      case gpioSetReport: {
        const mask = second & this.#outputs;
        this.#change(this.#outputs, (this.#levels & ~mask) | (first & mask));
        return true;
      }
      case smbusConfigReport:
        return true; // The bus half is not played; the driver sets its retries when it starts.
      default:
        return false;
    }
  }

  #change(outputs: number, levels: number): void {
    const changed = (this.#outputs ^ outputs) | ((this.#levels ^ levels) & outputs);
    this.#outputs = outputs;
    this.#levels = levels;
    for (let index = 0; index < lineCount; index += 1) {
      if ((changed & bitOf(index)) !== 0) this.#onOutput(index, this.line(index));
    }
  }
}

function bitOf(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= lineCount) {
    throw new RangeError(`line ${index} is not 0 to ${lineCount - 1}`);
  }
  return 1 << index;
}
