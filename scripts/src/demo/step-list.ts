/** The live list of a demo: for people lines that fill in as things happen, with `--json` one object a step. */
export type StepResult = {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, in a few words. */
  readonly seen: string;
  /** Named times in milliseconds. */
  readonly timesMs?: Readonly<Record<string, number>>;
  /** What a machine may want to know besides. */
  readonly data?: Readonly<Record<string, unknown>>;
};

export interface StepList {
  heading(text: string): void;
  /** Something that happens within the present step. */
  progress(text: string): void;
  begin(name: string): void;
  end(result: StepResult): void;
  /** Lines for people only. */
  note(text: string): void;
  summary(counts: { steps: number; ok: number; failed: number; seconds: number }): void;
}

function timesText(times: Readonly<Record<string, number>> | undefined): string {
  if (times === undefined) return '';
  return Object.entries(times)
    .map(([name, ms]) => `${name} ${Math.round(ms)} ms`)
    .join(' · ');
}

export class JsonStepList implements StepList {
  #number = 0;

  heading(): void {}
  progress(): void {}
  begin(): void {}
  note(): void {}

  end(result: StepResult): void {
    this.#number += 1;
    const { name, ok, seen, timesMs, data } = result;
    this.#print({ step: this.#number, name, ok, seen, ...(timesMs && { timesMs }), ...data });
  }

  summary(counts: { steps: number; ok: number; failed: number; seconds: number }): void {
    this.#print({ summary: true, ...counts });
  }

  #print(line: object): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

const INDENT = '     ';

export class ScreenStepList implements StepList {
  readonly #stream: NodeJS.WriteStream;
  readonly #colour: boolean;
  #isOpen = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#colour = stream.isTTY === true && process.env.NO_COLOR === undefined;
  }

  heading(text: string): void {
    this.#line(`\n${this.#paint('1', text)}`);
  }

  begin(name: string): void {
    if (!this.#stream.isTTY) return;
    this.#stream.write(`  ${this.#paint('2', '·')}  ${name} …`);
    this.#isOpen = true;
  }

  progress(text: string): void {
    if (!this.#isOpen) return;
    this.#stream.write(`\r\u001b[2K  ${this.#paint('2', '·')}  ${text}`);
  }

  end(result: StepResult): void {
    this.#clear();
    const mark = result.ok ? this.#paint('32', '✓') : this.#paint('31', '✗');
    this.#line(`  ${mark}  ${result.name}`);
    this.#line(`${INDENT}${result.seen}`);
    const times = timesText(result.timesMs);
    if (times !== '') this.#line(`${INDENT}${this.#paint('2', times)}`);
  }

  note(text: string): void {
    this.#clear();
    for (const line of text.split('\n')) this.#line(line === '' ? '' : `${INDENT}${line}`);
  }

  summary(counts: { steps: number; ok: number; failed: number; seconds: number }): void {
    const { steps, ok, failed, seconds } = counts;
    const verdict =
      failed === 0 && ok === steps
        ? this.#paint('32', `all ${steps} steps as they should be`)
        : this.#paint('31', `${failed} of ${steps} steps went wrong`);
    this.#line(`\n${verdict}, in ${seconds.toFixed(1)} s`);
  }

  /** Takes back the line of a step that has begun. */
  #clear(): void {
    if (this.#isOpen) this.#stream.write('\r\u001b[2K');
    this.#isOpen = false;
  }

  #line(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
