/**
 * What the demo shows, step by step, each with what must come of it: a coffee, the same shopper refused, a gate, a replay, a
 * revoked phone, the tenth and the eleventh grant, and a voucher checked by openssl alone.
 */

import type { ShopperPhone, TapEnd } from '../fleet/shopper-phone.js';
import { verifyWithOpenssl } from './openssl-check.js';
import type { StepList, StepResult } from './step-list.js';
import type { Venue } from './venue.js';

const READ_MS = 700;
const GRANTS = 10;

type Told = Omit<StepResult, 'name' | 'ok'>;
/** What a step saw; a thrown error is a step that went wrong. */
type Step = { readonly name: string; run(): Promise<Told> };

class Unexpected extends Error {}

function expectThat(condition: boolean, seen: string): void {
  if (!condition) throw new Unexpected(seen);
}

function sentenceOf(tap: TapEnd): string {
  const { event } = tap;
  const refusal = event.refusal as Record<string, unknown> | undefined;
  if (refusal !== undefined) return `${tap.type}: ${refusal.code}, ${refusal.rule}`;
  return `${tap.type}${event.code === undefined ? '' : `: ${event.code}`}`;
}

/** The stages of a tap as the SDK and the box timed them. */
function timesOf(tap: TapEnd, actuatedAtMs?: number): Record<string, number> {
  const timings = tap.event.timings as Record<string, number>;
  const names = {
    resolveMs: 'resolve',
    connectMs: 'connect',
    subscribeMs: 'subscribe',
    helloMs: 'hello',
    redeemMs: 'redeem',
  };
  const times: Record<string, number> = {};
  for (const [key, name] of Object.entries(names)) {
    const value = timings[key];
    if (value !== undefined) times[name] = value;
  }
  if (actuatedAtMs !== undefined) times['approval to actuation'] = actuatedAtMs - tap.approvedAtMs;
  return times;
}

function localTime(instant: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'short' });
  return format.format(new Date(instant));
}

export class Story {
  readonly #venue: Venue;
  readonly #steps: StepList;
  #coffee: TapEnd | undefined;
  #malloryId = '';

  constructor(venue: Venue, steps: StepList) {
    this.#venue = venue;
    this.#steps = steps;
  }

  /** Tells all of it, also after a step that went wrong, unless somebody ends it. @returns the results, in order */
  async tell(ended: AbortSignal): Promise<StepResult[]> {
    const results: StepResult[] = [];
    for (const step of this.#plan()) {
      this.#steps.begin(step.name);
      let result: StepResult;
      try {
        result = { name: step.name, ok: true, ...(await step.run()) };
      } catch (error) {
        result = { name: step.name, ok: false, seen: error instanceof Error ? error.message : String(error) };
      }
      // What breaks while everything is being shut down is no result.
      if (ended.aborted) break;
      this.#steps.end(result);
      results.push(result);
    }
    return results;
  }

  #plan(): Step[] {
    return [
      { name: 'Ada takes her free coffee', run: () => this.#grantCoffee() },
      { name: 'Ada asks for another one: once a week', run: () => this.#refuseSecondCoffee() },
      { name: 'Ada leaves the car park: the gate opens', run: () => this.#openGate() },
      { name: 'A copy of her coffee voucher is carried to the machine', run: () => this.#refuseReplay() },
      { name: 'Mallory taps with a phone that was revoked', run: () => this.#refuseRevokedPhone() },
      {
        name: `Two phones at two touchpoints: ${GRANTS} grants of an offer of ${GRANTS}`,
        run: () => this.#grantTen(),
      },
      { name: `Grant ${GRANTS + 1} of the offer of ${GRANTS}`, run: () => this.#refuseEleventh() },
      { name: 'The coffee voucher, verified with openssl alone', run: () => this.#verify() },
    ];
  }

  async #granted(
    phone: ShopperPhone,
    touchpoint: string,
    offer: string,
  ): Promise<{ tap: TapEnd; told: Told }> {
    const box = this.#venue.box(touchpoint);
    const before = box.lines.length;
    const tap = await phone.tap(offer, READ_MS);
    expectThat(tap.type === 'delivered', sentenceOf(tap));
    const { transactionId } = tap.event;
    const actuated = await box.seen(
      (line) => line.event === 'actuated' && line.transactionId === transactionId,
      'actuation',
    );
    const actuations = box.lines.slice(before).filter(({ event }) => event === 'actuated').length;
    expectThat(actuations === 1, `${actuations} actuations for one voucher`);
    return {
      tap,
      told: {
        seen: `granted, delivered, and ${touchpoint} did "${actuated.action}"`,
        timesMs: timesOf(tap, Number(actuated.atMs)),
        data: { offer, touchpoint, transactionId },
      },
    };
  }

  async #grantCoffee(): Promise<Told> {
    const ada = await this.#venue.walkUp('Ada', 'coffee-1');
    const { tap, told } = await this.#granted(ada, 'coffee-1', 'free-coffee');
    this.#coffee = tap;
    return told;
  }

  #limitTold(tap: TapEnd): Told {
    const refusal = tap.event.refusal as Record<string, unknown> | undefined;
    expectThat(tap.type === 'refused' && refusal?.code === 'limit_reached', sentenceOf(tap));
    const resetsAt = refusal?.resetsAt === undefined ? undefined : String(refusal.resetsAt);
    const until =
      resetsAt === undefined ? 'does not reset' : `resets ${localTime(resetsAt, this.#venue.timeZone)}`;
    return {
      seen: `refused, signed by the server: ${refusal?.rule}, ${refusal?.used} of ${refusal?.maximum} used, ${until}`,
      timesMs: timesOf(tap),
      data: { code: refusal?.code, rule: refusal?.rule, ...(resetsAt !== undefined && { resetsAt }) },
    };
  }

  async #refuseSecondCoffee(): Promise<Told> {
    const ada = this.#venue.phone('Ada');
    const told = this.#limitTold(await ada.tap('free-coffee', READ_MS));
    expectThat(told.data?.resetsAt !== undefined, 'refused without the time when it resets');
    return told;
  }

  async #openGate(): Promise<Told> {
    const ada = await this.#venue.walkUp('Ada', 'gate-1');
    return (await this.#granted(ada, 'gate-1', 'parking')).told;
  }

  async #refuseReplay(): Promise<Told> {
    const voucher = this.#coffee?.voucher;
    if (voucher === undefined) throw new Unexpected('there is no voucher to copy');
    const box = this.#venue.box('coffee-1');
    const before = box.lines.length;
    this.#malloryId = await this.#venue.registerPhone('Mallory');
    const mallory = await this.#venue.walkUp('Mallory', 'coffee-1');
    await mallory.sees('coffee-1');
    const answer = await mallory.carry(voucher);
    expectThat(answer === 'voucher_used', `the box answered ${answer}`);
    const acted = box.lines.slice(before).some(({ event }) => event === 'actuated');
    expectThat(!acted, 'the box acted again');
    return { seen: 'refused by the box itself, which has no network: voucher_used', data: { code: answer } };
  }

  async #refuseRevokedPhone(): Promise<Told> {
    const mallory = this.#venue.phone('Mallory');
    await this.#venue.tapseal('phone', 'revoke', this.#malloryId, '--reason', 'lost');
    const tap = await mallory.tap('parking', 0);
    expectThat(tap.type === 'failed' && tap.event.code === 'phone_revoked', sentenceOf(tap));
    return {
      seen: 'refused at the next request: phone_revoked',
      timesMs: timesOf(tap),
      data: { code: tap.event.code },
    };
  }

  async #grantTen(): Promise<Told> {
    const places = { Ben: 'coffee-1', Cleo: 'gate-1' } as const;
    this.#venue.leave('Ada');
    this.#venue.leave('Mallory');
    let granted = 0;
    const times: number[] = [];
    const taps = Object.entries(places).map(async ([name, touchpoint]) => {
      const phone = await this.#venue.walkUp(name, touchpoint);
      for (let i = 0; i < GRANTS / 2; i++) {
        const { told } = await this.#granted(phone, touchpoint, 'first-ten');
        times.push(told.timesMs?.['approval to actuation'] ?? 0);
        granted += 1;
        this.#steps.progress(`${granted} of ${GRANTS} granted`);
      }
    });
    await Promise.all(taps);
    times.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    return {
      seen: `${granted} granted and delivered, the tenth among them`,
      timesMs: { 'approval to actuation, median': median },
      data: { granted },
    };
  }

  async #refuseEleventh(): Promise<Told> {
    return this.#limitTold(await this.#venue.phone('Ben').tap('first-ten', 0));
  }

  async #verify(): Promise<Told> {
    const transactionId = String(this.#coffee?.event.transactionId);
    const { script, output } = await verifyWithOpenssl(this.#venue, transactionId);
    this.#steps.note(`\n${script}`);
    return { seen: output, data: { transactionId, commands: script } };
  }
}
