import type { LSN } from '../format/lsn.ts'

/** What has a next record to undo. */
interface Undoing {
  readonly undoNextLSN: LSN
}

/** Losers of a restart; the one with the highest undoNextLSN stands first. */
export class LoserHeap<Loser extends Undoing> {
  readonly #losers: Loser[]

  /** Takes the array over. */
  constructor(losers: Loser[]) {
    this.#losers = losers
    for (let at = (losers.length >> 1) - 1; at >= 0; at--) this.#siftDown(at)
  }

  get size(): number {
    return this.#losers.length
  }

  get first(): Loser | undefined {
    return this.#losers[0]
  }

  /** Some of them, the first one first and the others in no order. */
  some(count: number): Loser[] {
    return this.#losers.slice(0, count)
  }

  /** The undoNextLSN of the first one has become lower. */
  firstHasMoved(): void {
    this.#siftDown(0)
  }

  removeFirst(): void {
    const last = this.#losers.pop()
    if (this.#losers.length === 0 || last === undefined) return
    this.#losers[0] = last
    this.#siftDown(0)
  }

  #siftDown(from: number): void {
    const losers = this.#losers
    const next = (i: number): number => losers[i]?.undoNextLSN ?? -1
    for (let at = from; ;) {
      const left = 2 * at + 1
      const child = next(left + 1) > next(left) ? left + 1 : left
      if (next(child) <= next(at)) return
      const moved = losers[at] as Loser
      losers[at] = losers[child] as Loser
      losers[child] = moved
      at = child
    }
  }
}
