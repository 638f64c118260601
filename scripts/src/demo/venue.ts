/** The venue of the demo: a coffee machine and a gate, 60 m apart, and shoppers who walk from one to the other. */
import type { JsonLinesProcess } from '../fleet/json-lines-process.js';
import { ShopperPhone } from '../fleet/shopper-phone.js';
import { type PositionM, type TouchpointPlan, Workbench } from '../fleet/workbench.js';

const logAction = (action: string): string => `[actions.${action}]\nactuator = "log"`;

/** The air is virtual: whoever holds the real adapter of this machine is not in the way. */
const adapter = '[adapter]\nallow_bluetoothd = true';

const boxes: readonly TouchpointPlan[] = [
  {
    name: 'coffee-1',
    title: 'Coffee machine',
    place: 'Lobby',
    positionM: { x: 0, y: 0 },
    config: [adapter, logAction('dispense'), logAction('stamp')].join('\n'),
  },
  {
    name: 'gate-1',
    title: 'Exit gate',
    place: 'Car park',
    positionM: { x: 60, y: 0 },
    config: [adapter, logAction('open'), logAction('stamp')].join('\n'),
  },
];

const offers = [
  ['free-coffee', '--touchpoint', 'coffee-1', '--action', 'dispense', '--max', '100', '--per-week', '1'],
  ['parking', '--touchpoint', 'gate-1', '--touchpoint', 'coffee-1', '--action', 'open'],
  ['first-ten', '--touchpoint', 'coffee-1', '--touchpoint', 'gate-1', '--action', 'stamp', '--max', '10'],
] as const;

const elsewhere: PositionM = { x: 0, y: 1_000 };

export class Venue {
  readonly timeZone = 'Europe/Berlin';
  readonly #workbench: Workbench;
  readonly #boxes = new Map<string, JsonLinesProcess>();
  readonly #phones = new Map<string, ShopperPhone>();

  private constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  static async start(seed: number): Promise<Venue> {
    const air = { seed, advertisingIntervalMs: 100, connectionIntervalMs: 30 };
    return new Venue(await Workbench.start({ air, timeZone: 'Europe/Berlin' }));
  }

  get folder(): string {
    return this.#workbench.folder;
  }

  get workbench(): Workbench {
    return this.#workbench;
  }

  tapseal(...args: string[]): Promise<Record<string, unknown>> {
    return this.#workbench.tapseal(...args);
  }

  async openBoxes(): Promise<number> {
    await Promise.all(
      boxes.map(async (plan) => {
        await this.#workbench.enrolTouchpoint(plan);
        this.#boxes.set(plan.name, await this.#workbench.startTouchpoint(plan));
      }),
    );
    return boxes.length;
  }

  /** @returns the offers in the words of the server */
  async createOffers(): Promise<string[]> {
    const sentences: string[] = [];
    for (const offer of offers) {
      const created = await this.tapseal('offer', 'create', ...offer);
      sentences.push(`${created.id}: ${created.sentence}`);
    }
    return sentences;
  }

  box(name: string): JsonLinesProcess {
    const box = this.#boxes.get(name);
    if (box === undefined) throw new Error(`there is no box ${name}`);
    return box;
  }

  phone(name: string): ShopperPhone {
    const phone = this.#phones.get(name);
    if (phone === undefined) throw new Error(`${name} has no phone yet`);
    return phone;
  }

  /** A shopper comes within a metre of a touchpoint; a phone that was not seen before is switched on there. */
  async walkUp(name: string, touchpoint: string): Promise<ShopperPhone> {
    const { x, y } = boxes.find((box) => box.name === touchpoint)?.positionM ?? elsewhere;
    const positionM = { x, y: y + 1 };
    const known = this.#phones.get(name);
    if (known !== undefined) {
      // A new look around: what was in sight before is out of reach now.
      await known.command('stop');
      this.#workbench.air.setPosition(name, positionM);
      await known.command('start');
      return known;
    }
    const phone = new ShopperPhone(this.#workbench.startShopper({ name, positionM }));
    this.#phones.set(name, phone);
    await phone.started();
    return phone;
  }

  leave(name: string): void {
    this.#workbench.air.setPosition(name, elsewhere);
  }

  /** Registers a phone before its owner comes; so that the operator knows which one to revoke. @returns the phone id */
  registerPhone(name: string): Promise<string> {
    return this.#workbench.registerShopper(name);
  }

  close(): Promise<void> {
    return this.#workbench.close();
  }
}
