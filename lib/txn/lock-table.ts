import { SeawallError } from '../errors.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import { DurationHistogram, type DurationStats } from '../util/duration-histogram.ts'
import { cycleInWords, findCycle, obstaclesInWords, requestInWords, victimOf } from './deadlock.ts'
import { Lock, type LockKey } from './lock.ts'
import {
  conflictsOf,
  includes,
  type LockMode,
  modeWith,
  noRights,
  type Rights,
  rightsOf,
  writeAll,
} from './lock-mode.ts'
import { LockOwner } from './lock-owner.ts'
import { conflictsInQueue, LockQueue, LockRequest } from './lock-queue.ts'
import { type LockWait, watchWait } from './lock-wait.ts'

export { type LockKey, type LockMode, LockOwner, type LockWait }

/** Counters since the engine was opened, and the state. */
export interface LockStats {
  /** Gauge: keys that are locked now. */
  locks: number
  /** Gauge: requests that wait now. */
  waiters: number
  /** Counter: requests that had to wait. */
  waits: number
  /** Counter: requests that were chosen to give way. */
  deadlocks: number
  /** Counter: requests that waited longer than `lockTimeoutMs`. */
  timeouts: number
  /** How long requests waited, however that ended. */
  wait: DurationStats
}

/**
 * The locks of strict two-phase locking: an owner gathers locks and gives them up all at once.
 *
 * Who waits for a key is served first come first served: a new request waits for every holder and
 * for every earlier request that it conflicts with. A conversion (the owner holds the key and
 * wants more) waits for the holders only, and everybody else behind it; queuing conversions among
 * each other would make deadlocks that need not be. No request is overtaken by one that conflicts
 * with it, other than the few conversions that a holder can ask for, so nobody starves.
 *
 * A new edge of the waits-for graph always comes from or leads to an owner who has just begun to
 * wait, or who has just been granted something and still waits for something else. These are the
 * suspects: as long as each of them is searched from, no cycle goes unnoticed.
 */
export class LockTable {
  readonly #locks = new Map<LockKey, Lock>()
  readonly #suspects: LockOwner[] = []
  #waiters = 0
  #waits = 0
  #deadlocks = 0
  #timeouts = 0
  readonly #waitTimes = new DurationHistogram()
  #closed: { error: unknown } | undefined = undefined
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /**
   * undefined: granted at once, without looking at `wait`. Otherwise a promise that resolves when
   * the lock is granted. What the owner holds and what it asks for add up (S and IX make SIX).
   * The owner may wait for several locks at once.
   *
   * Rejects with ERR_SEAWALL_DEADLOCK, ERR_SEAWALL_LOCK_TIMEOUT, ERR_SEAWALL_ABORTED (cause: the
   * signal's reason), ERR_SEAWALL_TRANSACTION_ENDED (releaseAll meanwhile), or what cancel and
   * close were given. The owner keeps what it holds, also as the victim of a deadlock: it has to
   * be rolled back and released.
   */
  acquire(
    owner: LockOwner,
    key: LockKey,
    mode: LockMode,
    wait?: LockWait,
  ): Promise<void> | undefined {
    const rights = rightsOf(mode)
    const lock = this.#locks.get(key)
    if (lock === undefined) {
      this.#create(owner, key, rights)
      return undefined
    }
    if (this.#grantAtOnce(owner, lock, rights)) return undefined
    return this.#wait(new LockRequest(owner, lock, rights), wait)
  }

  /** Whether the lock could be granted at once; if not, nothing has changed. */
  tryAcquire(owner: LockOwner, key: LockKey, mode: LockMode): boolean {
    const rights = rightsOf(mode)
    const lock = this.#locks.get(key)
    if (lock !== undefined) return this.#grantAtOnce(owner, lock, rights)
    this.#create(owner, key, rights)
    return true
  }

  /** The mode in which the owner holds the key, or undefined. */
  modeOf(owner: LockOwner, key: LockKey): LockMode | undefined {
    return modeWith(this.#locks.get(key)?.rightsOf(owner) ?? noRights)
  }

  /** Whether what the owner holds on the key includes `mode`. */
  covers(owner: LockOwner, key: LockKey, mode: LockMode): boolean {
    const lock = this.#locks.get(key)
    return lock !== undefined && includes(lock.rightsOf(owner), rightsOf(mode))
  }

  /**
   * Gives up everything, at the end of the transaction: those who wait are granted in order. A
   * wait of the owner itself ends with ERR_SEAWALL_TRANSACTION_ENDED.
   */
  releaseAll(owner: LockOwner): void {
    if (owner.isWaiting) {
      // Nobody is granted anything in between: who stands behind such a request, but not behind
      // the lock, would come out of turn.
      const requests = this.#endAll(owner, new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED'))
      this.#releaseLocks(owner)
      for (const { lock } of requests) this.#grantWaiters(lock)
    } else this.#releaseLocks(owner)
    this.#breakDeadlocks()
  }

  /** Ends every wait of the owner with `error`. It keeps what it holds. */
  cancel(owner: LockOwner, error: unknown): void {
    for (const { lock } of this.#endAll(owner, error)) this.#grantWaiters(lock)
    this.#breakDeadlocks()
  }

  stats(): LockStats {
    return {
      locks: this.#locks.size,
      waiters: this.#waiters,
      waits: this.#waits,
      deadlocks: this.#deadlocks,
      timeouts: this.#timeouts,
      wait: this.#waitTimes.stats(),
    }
  }

  /**
   * Ends every wait with `error`, and from now on every wait as it begins. What is held stays
   * held until its owner releases it.
   */
  close(error: unknown): void {
    this.#closed ??= { error }
    for (const lock of this.#locks.values()) {
      for (let request = lock.queue?.first; request; request = lock.queue?.first) {
        this.#end(request).reject(error)
      }
    }
  }

  #create(owner: LockOwner, key: LockKey, rights: Rights): void {
    const lock = new Lock(key, owner, rights)
    this.#locks.set(key, lock)
    owner.locks.push(lock)
  }

  #releaseLocks(owner: LockOwner): void {
    const { locks } = owner
    for (const lock of locks) {
      lock.release(owner)
      if (lock.hasWaiters) this.#grantWaiters(lock)
      else if (!lock.hasHolders) this.#locks.delete(lock.key)
    }
    locks.length = 0
  }

  #grantAtOnce(owner: LockOwner, lock: Lock, rights: Rights): boolean {
    const held = lock.rightsOf(owner)
    if (includes(held, rights)) return true
    if ((lock.rightsBeside(owner) & conflictsOf(rights)) !== 0) return false
    const { queue } = lock
    if (queue !== undefined && held === noRights) {
      if (conflictsInQueue(rights, queue.placeFor(owner, false))) return false
    }
    this.#grant(owner, lock, held, rights)
    if (owner.isWaiting && lock.hasWaiters) {
      this.#grantWaiters(lock)
      this.#breakDeadlocks()
    }
    return true
  }

  #grant(owner: LockOwner, lock: Lock, held: Rights, rights: Rights): void {
    lock.grant(owner, held | rights)
    if (held === noRights) owner.locks.push(lock)
    if (!owner.isWaiting) return
    this.#suspects.push(owner)
    if (held === noRights) this.#moveConversions(owner, lock)
  }

  /** Whatever else the owner waits for on a lock that it has just been granted is a conversion. */
  #moveConversions(owner: LockOwner, lock: Lock): void {
    for (const request of owner.requests) {
      if (request.lock !== lock) continue
      const queue = lock.queue as LockQueue
      queue.remove(request)
      queue.insert(request, queue.placeFor(owner, true))
    }
  }

  #wait(request: LockRequest, wait: LockWait | undefined): Promise<void> {
    const { owner, lock } = request
    lock.queue ??= new LockQueue()
    lock.queue.insert(request, lock.queue.placeFor(owner, request.isConversion))
    owner.requests.push(request)
    this.#waits += 1
    this.#waiters += 1
    request.sinceMs = this.#clock.monotonicMs()
    if (this.#closed !== undefined) this.#fail(request, this.#closed.error)
    else if (wait !== undefined) this.#watch(request, wait)
    if (request.isPending) {
      this.#suspects.push(owner)
      this.#breakDeadlocks()
    }
    return request.granted
  }

  #watch(request: LockRequest, wait: LockWait): void {
    const onTimeout = (): void => {
      this.#timeouts += 1
      const detail = `${requestInWords(request)}, after ${wait.timeoutMs} ms: ${obstaclesInWords(request)}`
      this.#fail(request, new SeawallError('ERR_SEAWALL_LOCK_TIMEOUT', { detail }))
    }
    const onAbort = (): void =>
      this.#fail(request, new SeawallError('ERR_SEAWALL_ABORTED', { cause: wait.signal?.reason }))
    request.endWatch = watchWait(this.#clock, wait, onTimeout, onAbort)
  }

  #fail(request: LockRequest, error: unknown): void {
    this.#end(request).reject(error)
    this.#grantWaiters(request.lock)
    this.#breakDeadlocks()
  }

  #endAll(owner: LockOwner, error: unknown): LockRequest[] {
    const requests = [...owner.requests]
    for (const request of requests) this.#end(request).reject(error)
    return requests
  }

  /** Takes the request out of everything; what is left is to settle it. */
  #end(request: LockRequest): LockRequest {
    const { owner, lock } = request
    request.isPending = false
    request.endWatch?.()
    lock.queue?.remove(request)
    owner.requests.splice(owner.requests.indexOf(request), 1)
    this.#waiters -= 1
    this.#waitTimes.add(this.#clock.monotonicMs() - request.sinceMs)
    return request
  }

  /** Grants from the front whatever conflicts neither with a holder nor with one who stays. */
  #grantWaiters(lock: Lock): void {
    let staying = noRights
    let request = lock.queue?.first
    while (request !== undefined) {
      const { owner, rights, next } = request
      const held = lock.rightsOf(owner)
      const beside = lock.rightsBeside(owner)
      const obstacles = held === noRights ? beside | staying : beside
      // Holders share with nobody who writes all: this is a new request, and behind it are others.
      if ((obstacles & writeAll) !== 0) return
      if ((conflictsOf(rights) & obstacles) !== 0) {
        staying |= rights
        request = next
        continue
      }
      this.#end(request).resolve()
      this.#grant(owner, lock, held, rights)
      // The grant may have made a conversion of a request that stayed a moment ago.
      const mayHaveMoved = held === noRights && owner.isWaiting
      if (mayHaveMoved) staying = noRights
      request = mayHaveMoved ? lock.queue?.first : next
    }
  }

  /** The youngest of each cycle gives way, until there is none. */
  #breakDeadlocks(): void {
    for (let owner = this.#suspects.pop(); owner; owner = this.#suspects.pop()) {
      for (let cycle = findCycle(owner); cycle; cycle = findCycle(owner)) {
        const victim = victimOf(cycle)
        const error = new SeawallError('ERR_SEAWALL_DEADLOCK', { detail: cycleInWords(cycle) })
        this.#deadlocks += 1
        this.#end(victim).reject(error)
        this.#grantWaiters(victim.lock)
      }
    }
  }
}
