import type { LSN } from '../format/lsn.ts'

type Resolve = (lsn: LSN) => void
type Reject = (error: unknown) => void

// One function for every promise: `new Promise` calls its executor at once, so the two variables
// are taken right after.
let takenResolve: Resolve
let takenReject: Reject
function take(resolve: Resolve, reject: Reject): void {
  takenResolve = resolve
  takenReject = reject
}

const initialCapacity = 64

/**
 * Everyone who waits for a record to become durable, in the order in which they came. A ring of
 * three parallel arrays, so
 * that a waiter costs its promise and nothing else.
 */
export class FlushWaiters {
  #lsns: number[] = new Array(initialCapacity)
  #resolves: (Resolve | undefined)[] = new Array(initialCapacity)
  #rejects: (Reject | undefined)[] = new Array(initialCapacity)
  #mask = initialCapacity - 1
  #head = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** A promise that resolves with `lsn` once the record at `lsn` is durable. */
  add(lsn: LSN): Promise<LSN> {
    if (this.#count > this.#mask) this.#grow()
    const promise = new Promise<LSN>(take)
    const at = (this.#head + this.#count) & this.#mask
    this.#lsns[at] = lsn
    this.#resolves[at] = takenResolve
    this.#rejects[at] = takenReject
    this.#count += 1
    return promise
  }

  /**
   * Resolves those whose record lies below `flushedLSN`, first come first served. One who asked
   * for an earlier record than
   * somebody before it is resolved together with that one.
   */
  settle(flushedLSN: number): void {
    while (this.#count > 0) {
      const at = this.#head
      const lsn = this.#lsns[at] as LSN
      if (lsn >= flushedLSN) return
      const resolve = this.#resolves[at] as Resolve
      this.#drop(at)
      resolve(lsn)
    }
  }

  /** Rejects everyone with the same error. */
  rejectAll(error: unknown): void {
    while (this.#count > 0) {
      const at = this.#head
      const reject = this.#rejects[at] as Reject
      this.#drop(at)
      reject(error)
    }
  }

  #drop(at: number): void {
    this.#resolves[at] = undefined
    this.#rejects[at] = undefined
    this.#head = (at + 1) & this.#mask
    this.#count -= 1
  }

  #grow(): void {
    const inOrder = <T>(ring: T[]): T[] => [...ring.slice(this.#head), ...ring.slice(0, this.#head)]
    const capacity = 2 * (this.#mask + 1)
    this.#lsns = inOrder(this.#lsns)
    this.#resolves = inOrder(this.#resolves)
    this.#rejects = inOrder(this.#rejects)
    this.#lsns.length = capacity
    this.#resolves.length = capacity
    this.#rejects.length = capacity
    this.#head = 0
    this.#mask = capacity - 1
  }
}
