// The records of a log under test. Harness and child make them from the same numbers, so the
// harness knows every byte without having been told.
import { createHash } from 'node:crypto'

import { Random } from '../../test/support/random.ts'

export interface RecordContent {
  readonly type: number
  readonly body: Uint8Array
}

const sourceBytes = 512 * 1024
const typesMax = 200
// Share of records, and the longest body. The longest are several segments and several buffers.
const sizes = [
  { below: 0.7, bytesMax: 300 },
  { below: 0.96, bytesMax: 6000 },
  { below: 0.993, bytesMax: 40_000 },
  { below: 1, bytesMax: 280_000 },
]

/** Makes the records of one log. */
export class RecordContents {
  readonly #seed: number
  readonly #source: Buffer

  constructor(seed: number) {
    this.#seed = seed
    const random = new Random(seed)
    const words = Uint32Array.from({ length: sourceBytes / 4 }, () => random.below(2 ** 32))
    this.#source = Buffer.from(words.buffer)
  }

  of(index: number): RecordContent {
    const random = new Random(Math.imul(this.#seed ^ index, 0x9e3779b1) ^ (index >>> 7))
    random.next()
    const which = random.next()
    const bytesMax = sizes.find(({ below }) => which < below)?.bytesMax ?? 0
    const bytes = random.below(bytesMax)
    const from = random.below(sourceBytes - bytes)
    const body = Buffer.from(this.#source.subarray(from, from + bytes))
    // Two records differ, if they have room for a number.
    if (bytes >= 8) body.writeDoubleLE(index, bytes - 8)
    return { type: random.below(typesMax), body }
  }
}

export function hashOf(body: Uint8Array): string {
  return createHash('sha1').update(body).digest('base64').slice(0, 16)
}
