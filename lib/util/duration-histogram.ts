/**
 * How long something took, since the beginning. Buckets are not cumulative: `counts[i]` durations
 * were longer than `upToMs[i - 1]` and at most `upToMs[i]` milliseconds; the last of `counts`, one
 * more than `upToMs` has, were longer than all.
 */
export interface DurationStats {
  /** How many were measured. */
  readonly count: number
  /** All of them together, in milliseconds. */
  readonly totalMs: number
  /** The longest, in milliseconds. */
  readonly maxMs: number
  /** Upper ends of the buckets in milliseconds; the same for everything that is measured. */
  readonly upToMs: readonly number[]
  /** How many fell into each bucket; one more than `upToMs` has. */
  /** Durations by bucket; one more than `upToMs` has. */
  readonly counts: readonly number[]
}

/** Three steps for each power of ten: from a flush of a fast drive to a very long transaction. */
const upToMs: readonly number[] = Object.freeze([
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000,
  60_000,
])

/** Counts durations by their order of magnitude. */
export class DurationHistogram {
  readonly #counts = new Array<number>(upToMs.length + 1).fill(0)
  #count = 0
  #totalMs = 0
  #maxMs = 0

  add(durationMs: number): void {
    let bucket = 0
    while (bucket < upToMs.length && durationMs > (upToMs[bucket] as number)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count += 1
    this.#totalMs += durationMs
    if (durationMs > this.#maxMs) this.#maxMs = durationMs
  }

  stats(): DurationStats {
    return {
      count: this.#count,
      totalMs: this.#totalMs,
      maxMs: this.#maxMs,
      upToMs,
      counts: [...this.#counts],
    }
  }
}
