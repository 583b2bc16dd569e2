interface Waiter {
  readonly isExclusive: boolean
  readonly admit: () => void
}

/**
 * Keeps the structure of a tree as it is while somebody goes through it: shared by those who only go
 * down to a leaf, exclusive for who splits nodes. First come, first served. It lives in memory and
 * is held for the time of a few page reads.
 *
 * Order against the locks: who holds the latch never waits for a lock, since whoever holds that lock
 * may need the latch in order to end. Nor does anybody wait for the latch with a page held: who has
 * it may need the frame. It is not reentrant.
 */
export class Latch {
  #sharedBy = 0
  #isExclusive = false
  readonly #waiters: Waiter[] = []

  async shared<T>(action: () => Promise<T>): Promise<T> {
    await this.#enter(false)
    try {
      return await action()
    } finally {
      this.#sharedBy -= 1
      this.#admit()
    }
  }

  async exclusive<T>(action: () => Promise<T>): Promise<T> {
    await this.#enter(true)
    try {
      return await action()
    } finally {
      this.#isExclusive = false
      this.#admit()
    }
  }

  #enter(isExclusive: boolean): Promise<void> {
    const admitted = new Promise<void>((admit) => this.#waiters.push({ isExclusive, admit }))
    this.#admit()
    return admitted
  }

  #admit(): void {
    for (let first = this.#waiters[0]; first !== undefined; first = this.#waiters[0]) {
      if (this.#isExclusive || (first.isExclusive && this.#sharedBy > 0)) return
      if (first.isExclusive) this.#isExclusive = true
      else this.#sharedBy += 1
      this.#waiters.shift()
      first.admit()
    }
  }
}

const latches = new Map<number, Latch>()

/**
 * The latch of a tree. Undo, which is told nothing but what stands in its record, finds it by the
 * root as well; so trees of two stores in one process share one when their roots have the same page
 * id, which costs them some waiting and nothing else.
 */
export function latchOf(rootPageId: number): Latch {
  let latch = latches.get(rootPageId)
  if (latch === undefined) {
    latch = new Latch()
    latches.set(rootPageId, latch)
  }
  return latch
}
