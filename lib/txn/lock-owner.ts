import type { Lock } from './lock.ts'
import type { LockRequest } from './lock-queue.ts'

/** One transaction, as the lock table sees it. Used with one table only. */
export class LockOwner {
  /** Ids rise: of two owners, the one with the higher id is younger. */
  readonly id: number
  /** Every lock that it holds, in the order of the first grant. Changed by the lock table only. */
  readonly locks: Lock[] = []
  /** What it waits for: one request for each call under way. Changed by the lock table only. */
  readonly requests: LockRequest[] = []

  constructor(id: number) {
    this.id = id
  }

  get lockCount(): number {
    return this.locks.length
  }

  get isWaiting(): boolean {
    return this.requests.length > 0
  }
}
