/** A shopper with a phone: `tapseal-shopper watch` as a process, spoken to in the words of its line protocol. */
import type { JsonLine, JsonLinesProcess } from './json-lines-process.js';

export type TapEnd = {
  readonly type: 'delivered' | 'refused' | 'failed';
  /** The event that ended the tap, as the SDK told it. */
  readonly event: JsonLine;
  /** When the shopper approved, on the clock that all processes of a machine share. */
  readonly approvedAtMs: number;
  /** base64url of the signed voucher, where one was granted. */
  readonly voucher: string | undefined;
};

const TAP_MS_MAX = 30_000;

export class ShopperPhone {
  readonly process: JsonLinesProcess;

  constructor(process: JsonLinesProcess) {
    this.process = process;
  }

  /** Sends a command and waits until it is done. @throws Error with what the phone said, if it failed */
  async command(command: string): Promise<void> {
    const answer = this.process.next(
      (line) => (line.type === 'done' || line.type === 'error') && line.command === command,
      `answer to ${command.slice(0, 40)}`,
      TAP_MS_MAX,
    );
    this.process.write(command);
    const line = await answer;
    const [verb] = command.split(' ');
    if (line.type === 'error') throw new Error(`${this.process.label}: ${verb}: ${line.message}`);
  }

  /** The scan that a phone begins by itself. */
  async started(): Promise<void> {
    await this.process.seen((line) => line.type === 'done' && line.command === 'start', 'start');
  }

  /** Waits until the phone knows which touchpoint is close. */
  async sees(touchpoint: string): Promise<void> {
    await this.process.seen(
      (line) => line.type === 'resolved' && (line.touchpoint as Record<string, unknown>).name === touchpoint,
      `sight of ${touchpoint}`,
    );
  }

  /** Waits until a touchpoint is ready, reads for `readMs`, approves, and sees the tap through. */
  async tap(offer: string, readMs: number): Promise<TapEnd> {
    const since = this.process.lines.length;
    const command = `tap ${offer} ${readMs}`;
    await this.command(command);
    return this.#endOf(this.process.lines.slice(since));
  }

  #endOf(lines: readonly JsonLine[]): TapEnd {
    const event = lines.find(({ type }) => type === 'delivered' || type === 'refused' || type === 'failed');
    const approving = lines.find(({ type }) => type === 'approving');
    const granted = lines.find(({ type }) => type === 'granted');
    if (event === undefined) throw new Error(`${this.process.label}: the tap ended without an end`);
    return {
      type: event.type as TapEnd['type'],
      event,
      approvedAtMs: Number(approving?.atMs ?? event.atMs),
      voucher: granted === undefined ? undefined : String(granted.voucher),
    };
  }

  /** Carries a voucher as it is to the closest touchpoint. @returns the status code, or the outcome in a receipt */
  async carry(voucher: string): Promise<string> {
    const carried = this.process.next((line) => line.type === 'carried', 'answer of the box', TAP_MS_MAX);
    // Its rejection is seen below; a failed command is the better message.
    carried.catch(() => {});
    await this.command(`carry ${voucher}`);
    return String((await carried).answer);
  }
}
