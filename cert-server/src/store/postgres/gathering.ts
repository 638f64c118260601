/**
 * Gathers what is asked at the same time into one question. While one is under way, what arrives waits for the next: so the
 * more is asked, the less each costs. What belongs to different groups is never asked together.
 */
export type GatheringOptions = {
  /** Of one question. */
  readonly countMax: number;
  /** Questions under way at once, for each group. */
  readonly runningMax: number;
};

type Waiting<Asked, Answer> = {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

type Group<Asked, Answer> = {
  readonly waiting: Waiting<Asked, Answer>[];
  running: number;
  isScheduled: boolean;
};

export class Gathering<Asked, Answer> {
  readonly #run: (group: string, asked: readonly Asked[]) => Promise<readonly Answer[]>;
  readonly #options: GatheringOptions;
  readonly #groups = new Map<string, Group<Asked, Answer>>();

  /** @param run gives an answer for each, in their order; where it rejects, all of them do */
  constructor(
    run: (group: string, asked: readonly Asked[]) => Promise<readonly Answer[]>,
    options: GatheringOptions,
  ) {
    this.#run = run;
    this.#options = options;
  }

  ask(group: string, asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const known = this.#groups.get(group);
      const here = known ?? { waiting: [], running: 0, isScheduled: false };
      if (known === undefined) this.#groups.set(group, here);
      here.waiting.push({ asked, resolve, reject });
      if (here.isScheduled || here.running === this.#options.runningMax) return;
      here.isScheduled = true;
      // After all that this turn of the event loop has to ask.
      setImmediate(() => {
        here.isScheduled = false;
        this.#start(group, here);
      });
    });
  }

  #start(name: string, group: Group<Asked, Answer>): void {
    while (group.waiting.length > 0 && group.running < this.#options.runningMax) {
      const part = group.waiting.splice(0, this.#options.countMax);
      group.running += 1;
      void this.#ask(name, part).then(() => {
        group.running -= 1;
        this.#start(name, group);
      });
    }
    if (group.waiting.length === 0 && group.running === 0 && !group.isScheduled) this.#groups.delete(name);
  }

  async #ask(name: string, part: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await this.#run(
        name,
        part.map(({ asked }) => asked),
      );
      if (answers.length !== part.length) throw new Error('not every question has its answer');
      part.forEach(({ resolve }, index) => {
        resolve(answers[index] as Answer);
      });
    } catch (error) {
      for (const { reject } of part) reject(error);
    }
  }
}
