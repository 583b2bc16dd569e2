import type { Frame } from './frame.ts'

/**
 * Chooses the frame to give up (the clock algorithm): the first one that nobody has used since the
 * hand came by last. Pinned and dirty frames, and those for undo, are passed over; undefined when there
 * is no other.
 */
export class Clock {
  readonly #frame: (index: number) => Frame
  readonly #count: number
  #hand = 0

  constructor(frame: (index: number) => Frame, count: number) {
    this.#frame = frame
    this.#count = count
  }

  victim(): Frame | undefined {
    // Two rounds: the first may only take marks away.
    for (let step = 0; step < 2 * this.#count; step++) {
      const frame = this.#frame(this.#hand)
      this.#hand = this.#hand + 1 === this.#count ? 0 : this.#hand + 1
      if (frame.pins > 0 || frame.isDirty || frame.isForUndo) continue
      if (!frame.isReferenced) return frame
      frame.isReferenced = false
    }
    return undefined
  }
}
