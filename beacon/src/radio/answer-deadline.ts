/** A bound for an answer of the adapter. Where nothing comes any more, this is all that is noticed. */

export class AnswerDeadline {
  readonly #msMax: number;
  readonly #onMissed: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(msMax: number, onMissed: () => void) {
    this.#msMax = msMax;
    this.#onMissed = onMissed;
  }

  /** Counts from the first question that is not answered yet. */
  expect(): void {
    // In two halves: after a standstill of the process an answer may be waiting, and is read between them.
    this.#timer ??= setTimeout(() => {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#onMissed();
      }, this.#msMax / 2);
    }, this.#msMax / 2);
  }

  /** Also to be called when the question has become idle. */
  met(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
