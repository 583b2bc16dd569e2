import type { BlockShape } from '../protocol/messages.ts'
import { mix, SeededRandom } from './random.ts'

/** One write of probe A or C: blocks `first` to `first + count - 1`. */
export interface BlockWrite {
  readonly seq: number
  readonly first: number
  readonly count: number
  /** Durable when it completes. */
  readonly through: boolean
}

// Writes of one burst share a pattern, so that runs of appends and storms on hot blocks occur.
const writesPerBurst = 64
const hotPlaces = 8
const fillBytes = 256 * 1024

/**
 * Which write has which number: a pure function of the seed, so that the observer knows every byte
 * that can be on the device without being told. The first writes fill the device from end to end.
 */
export class BlockPlan {
  readonly #seed: number
  readonly #shape: BlockShape
  readonly #fillCount: number
  readonly #sizes: number
  /** Number of the last write of the first pass over the device. */
  readonly fillWrites: number

  constructor(seed: number, shape: BlockShape) {
    this.#seed = seed
    this.#shape = shape
    const maxCount = Math.max(1, Math.floor(shape.maxWriteBytes / shape.blockBytes))
    this.#fillCount = Math.max(
      1,
      Math.min(maxCount, Math.floor(fillBytes / shape.blockBytes), shape.blocks),
    )
    this.#sizes = Math.floor(Math.log2(Math.min(maxCount, shape.blocks))) + 1
    this.fillWrites = Math.ceil(shape.blocks / this.#fillCount)
  }

  /** The write number `seq`, from 1 on. */
  write(seq: number): BlockWrite {
    if (seq <= this.fillWrites) {
      const first = (seq - 1) * this.#fillCount
      const count = Math.min(this.#fillCount, this.#shape.blocks - first)
      return { seq, first, count, through: this.#shape.mode === 'fua' }
    }
    const burst = new SeededRandom(mix(this.#seed, Math.floor(seq / writesPerBurst), 1))
    const pattern = burst.below(3)
    const random = new SeededRandom(mix(this.#seed, seq, 2))
    const through = this.#isThrough(random)
    if (pattern === 0) return this.#append(seq, burst, through)
    // The smaller of two sizes: most writes are small, all sizes occur.
    const count = 2 ** Math.min(random.below(this.#sizes), random.below(this.#sizes))
    const first = pattern === 1 ? this.#hot(count, random) : this.#anywhere(count, random)
    return { seq, first, count, through }
  }

  /** Whether write `seq` covers `block`. */
  covers(seq: number, block: number): boolean {
    const { first, count } = this.write(seq)
    return block >= first && block < first + count
  }

  #isThrough(random: SeededRandom): boolean {
    const drawn = random.below(4)
    return this.#shape.mode === 'fua' || (this.#shape.mode === 'mixed' && drawn === 0)
  }

  #append(seq: number, burst: SeededRandom, through: boolean): BlockWrite {
    const count = 2 ** Math.min(burst.below(this.#sizes), burst.below(this.#sizes))
    const places = Math.floor(this.#shape.blocks / count)
    const place = (burst.below(places) + (seq % writesPerBurst)) % places
    return { seq, first: place * count, count, through }
  }

  #hot(count: number, random: SeededRandom): number {
    const place = mix(this.#seed, random.below(hotPlaces), 3) % this.#shape.blocks
    return Math.min(place - (place % count), this.#shape.blocks - count)
  }

  // Aligned to the write's own size most of the time, as atomic writes must be.
  #anywhere(count: number, random: SeededRandom): number {
    const first = random.below(this.#shape.blocks - count + 1)
    return random.below(4) === 0 ? first : first - (first % count)
  }
}
