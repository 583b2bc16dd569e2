import type { Lock } from './lock.ts'
import { conflictsOf, noRights, type Rights } from './lock-mode.ts'
import type { LockOwner } from './lock-owner.ts'

/** One call that waits for one lock. */
export class LockRequest {
  readonly owner: LockOwner
  readonly lock: Lock
  readonly rights: Rights
  readonly granted: Promise<void>
  resolve!: () => void
  reject!: (error: unknown) => void
  isPending = true
  /** When the wait began; by the clock of the lock table. */
  sinceMs = 0
  /** Ends the timer and takes the listener off the signal. */
  endWatch: (() => void) | undefined = undefined
  // Belong to the queue. Positions rise from first to last, with gaps.
  previous: LockRequest | undefined = undefined
  next: LockRequest | undefined = undefined
  position = 0

  constructor(owner: LockOwner, lock: Lock, rights: Rights) {
    this.owner = owner
    this.lock = lock
    this.rights = rights
    this.granted = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** The owner holds the lock already and wants more of it. */
  get isConversion(): boolean {
    return this.lock.rightsOf(this.owner) !== noRights
  }
}

/**
 * Who waits for one lock, first come first served: conversions first, then new requests. The new
 * requests of one owner are neighbours, because the first of them that is granted makes the
 * others conversions.
 */
export class LockQueue {
  first: LockRequest | undefined = undefined
  last: LockRequest | undefined = undefined

  /** Behind whom a request of `owner` would stand; undefined is at the front. */
  placeFor(owner: LockOwner, isConversion: boolean): LockRequest | undefined {
    if (isConversion) return this.#lastConversion()
    if (!owner.isWaiting) return this.last
    for (let request = this.last; request !== undefined; request = request.previous) {
      if (request.owner === owner) return request
    }
    return this.last
  }

  insert(request: LockRequest, behind: LockRequest | undefined): void {
    const next = behind === undefined ? this.first : behind.next
    request.previous = behind
    request.next = next
    if (behind === undefined) this.first = request
    else behind.next = request
    if (next === undefined) this.last = request
    else next.previous = request
    this.#number(request)
  }

  remove(request: LockRequest): void {
    const { previous, next } = request
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    request.previous = undefined
    request.next = undefined
  }

  #lastConversion(): LockRequest | undefined {
    let last: LockRequest | undefined
    for (let request = this.first; request?.isConversion === true; request = request.next) {
      last = request
    }
    return last
  }

  #number(from: LockRequest): void {
    let position = from.previous?.position ?? 0
    for (let request: LockRequest | undefined = from; request; request = request.next) {
      position += 1
      request.position = position
    }
  }
}

/** Whether `rights` conflict with what somebody from `last` to the front waits for. */
export function conflictsInQueue(rights: Rights, last: LockRequest | undefined): boolean {
  const conflicts = conflictsOf(rights)
  for (let request = last; request !== undefined; request = request.previous) {
    if ((request.rights & conflicts) !== 0) return true
  }
  return false
}
