/** Everything in a run that could have gone another way is picked here. */
export interface Choices {
  /** A number below `count`, which is at least 1. */
  pick(count: number): number
}

/** Goes through every list of picks, depth first: `do { run(odometer) } while (odometer.next())`. */
export class Odometer implements Choices {
  readonly #picks: number[] = []
  readonly #counts: number[] = []
  #at = 0

  pick(count: number): number {
    const at = this.#at++
    if (at === this.#picks.length) {
      this.#picks.push(0)
      this.#counts.push(count)
    }
    if (this.#counts[at] !== count) throw new Error('the run is not deterministic')
    return this.#picks[at] as number
  }

  /** What was picked since the beginning of the run. */
  get picks(): readonly number[] {
    return this.#picks.slice(0, this.#at)
  }

  /** Goes to the next list; false when there is none. */
  next(): boolean {
    this.#picks.length = this.#counts.length = this.#at
    this.#at = 0
    while (this.#picks.length > 0) {
      const last = this.#picks.length - 1
      const next = (this.#picks[last] as number) + 1
      if (next < (this.#counts[last] as number)) {
        this.#picks[last] = next
        return true
      }
      this.#picks.pop()
      this.#counts.pop()
    }
    return false
  }
}

/** Picks what a list says, and 0 behind its end. Numbers that are too large stand for the last one. */
export class ListedChoices implements Choices {
  readonly #list: readonly number[]
  #at = 0

  constructor(list: readonly number[]) {
    this.#list = list
  }

  pick(count: number): number {
    return Math.min(this.#list[this.#at++] ?? 0, count - 1)
  }
}

/** Picks as another one does, and remembers it. */
export class RecordedChoices implements Choices {
  readonly #source: Choices
  readonly picks: number[] = []

  constructor(source: Choices) {
    this.#source = source
  }

  pick(count: number): number {
    const picked = this.#source.pick(count)
    this.picks.push(picked)
    return picked
  }
}
