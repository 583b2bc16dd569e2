/**
 * How far work may go: nothing is issued whose number the observer has not confirmed, so everything
 * that can be on the device is in its ledger. Announces ahead, so that nobody waits for a round
 * trip.
 */
export class Credit {
  readonly #window: number
  readonly #announce: (upTo: number) => void
  #announced: number
  #confirmed = 0
  #waiting: (() => void)[] = []
  #isStopped = false

  /** Announces the first half window at once, starting with number `first`. */
  constructor(first: number, window: number, announce: (upTo: number) => void) {
    this.#window = window
    this.#announce = announce
    this.#announced = first - 1
    this.#announceTo(first - 1 + window)
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  confirmed(upTo: number): void {
    this.#confirmed = Math.max(this.#confirmed, upTo)
    this.#wake()
  }

  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  /** Whether `number` may be issued; announces more in time. */
  covers(number: number): boolean {
    if (this.#announced - number < this.#window / 2) this.#announceTo(number + this.#window)
    return number <= this.#confirmed
  }

  /** Resolves when more was confirmed, or when it is over. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #announceTo(upTo: number): void {
    this.#announced = upTo
    this.#announce(upTo)
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
