/** A number from 0 to 2^32 - 1 that depends on nothing but its arguments; `value` up to 2^53. */
export function mix(seed: number, value: number, salt = 0): number {
  const high = Math.floor(value / 2 ** 32)
  let hash = (seed ^ Math.imul((value >>> 0) + 0x9e3779b9, 0x85ebca6b)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16) ^ Math.imul(high + 1, 0xc2b2ae35), 0x7feb352d) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15) ^ Math.imul(salt + 1, 0x27d4eb2f), 0x846ca68b) >>> 0
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Random numbers from a seed (mulberry32): both sides of the rig draw the same ones. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  chance(probability: number): boolean {
    return this.below(2 ** 32) < probability * 2 ** 32
  }
}

/** Fills whole 32-bit words of `[from, to)` with noise that does not compress (xorshift32). */
export function fillNoise(view: DataView, from: number, to: number, seed: number): void {
  let state = seed === 0 ? 0x9e3779b9 : seed
  for (let at = from; at + 4 <= to; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    view.setUint32(at, state, true)
  }
}
