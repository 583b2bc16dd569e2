/** Random numbers from a seed (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}

/** The same as a function: an integer from 0 to `below` - 1 at each call. */
export function generator(seed: number): (below: number) => number {
  const random = new Random(seed)
  return (below) => random.below(below)
}

/** SEAWALL_SEED if set, otherwise `fallback`. */
export function seedOr(fallback: number): number {
  const given = Number(process.env.SEAWALL_SEED)
  return Number.isSafeInteger(given) && process.env.SEAWALL_SEED !== undefined ? given : fallback
}
