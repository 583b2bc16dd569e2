// Transfers only take numbers that the observer has given out, so that it knows all that can be
// there whenever the teller dies.
const askBelow = 2048

/** The numbers that this teller may use, in order, each once. */
export class Numbers {
  readonly #askForMore: () => void
  #next: number
  #to: number
  #hasAsked = false
  #isOver = false
  #waiting: (() => void)[] = []

  constructor(from: number, to: number, askForMore: () => void) {
    this.#next = from
    this.#to = to
    this.#askForMore = askForMore
  }

  /** Waits for more when there are none; undefined after `end`. */
  async next(): Promise<number | undefined> {
    while (!this.#isOver) {
      if (this.#to - this.#next < askBelow && !this.#hasAsked) {
        this.#hasAsked = true
        this.#askForMore()
      }
      if (this.#next < this.#to) return this.#next++
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return undefined
  }

  extend(to: number): void {
    this.#to = to
    this.#hasAsked = false
    this.#wake()
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
