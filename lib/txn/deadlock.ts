import { keyInWords, type Lock } from './lock.ts'
import { conflictsOf, includes, modeWith, type Rights } from './lock-mode.ts'
import type { LockOwner } from './lock-owner.ts'
import type { LockRequest } from './lock-queue.ts'

/**
 * Requests in a circle: each waits for the owner of the next, and the last for the owner of the
 * first.
 */
export type Cycle = readonly LockRequest[]

const longestShownCycle = 8

/**
 * A shortest cycle through `start` in the waits-for graph, or undefined. An owner goes on only
 * when all its requests are granted, so one request of each owner is enough to close a cycle.
 * Breadth first; the cost is that of the requests and holders that can be reached.
 */
export function findCycle(start: LockOwner): Cycle | undefined {
  if (!start.isWaiting || !isWaitedFor(start)) return undefined
  const reachedBy = new Map<LockOwner, LockRequest>()
  const searched = new Searched()
  const frontier = [start]
  for (const owner of frontier) {
    for (const request of owner.requests) {
      if (!searched.add(request)) continue
      for (const blocker of blockersOf(request)) {
        if (blocker === start) return pathTo(request, start, reachedBy)
        if (!blocker.isWaiting || reachedBy.has(blocker)) continue
        reachedBy.set(blocker, request)
        frontier.push(blocker)
      }
    }
  }
  return undefined
}

/** Of all in the cycle, the request of the youngest owner: the one that has to give way. */
export function victimOf(cycle: Cycle): LockRequest {
  return cycle.reduce((victim, request) => (request.owner.id > victim.owner.id ? request : victim))
}

/** Who waits for what that whom has, all around the cycle. */
export function cycleInWords(cycle: Cycle): string {
  const shown = cycle.slice(0, longestShownCycle).map((request, i) => {
    const next = (cycle[i + 1] ?? cycle[0]) as LockRequest
    return `transaction ${request.owner.id} waits for ${requestInWords(request)}, ${reasonInWords(request, next.owner)}`
  })
  const more = cycle.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

const longestShownHolders = 5

/** Why the request is not granted. */
export function obstaclesInWords({ lock, previous }: LockRequest): string {
  const holders = lock.holders()
  const shown = holders
    .slice(0, longestShownHolders)
    .map(([holder, held]) => `transaction ${holder.id} holds ${modeWith(held)}`)
  if (holders.length > shown.length) shown.push(`${holders.length - shown.length} more hold it`)
  let ahead = 0
  for (let request = previous; request !== undefined; request = request.previous) ahead += 1
  if (ahead > 0) shown.push(`${ahead} waited before it`)
  return shown.join(', ')
}

export function requestInWords(request: LockRequest): string {
  return `${modeWith(request.rights)} on ${keyInWords(request.lock.key)}`
}

function reasonInWords({ lock, rights }: LockRequest, blocker: LockOwner): string {
  const held = lock.rightsOf(blocker)
  if ((held & conflictsOf(rights)) === 0) return `behind transaction ${blocker.id}`
  return `which transaction ${blocker.id} holds with ${modeWith(held)}`
}

/** Those who must end, or give up, before the request can be granted. */
function* blockersOf(request: LockRequest): Iterable<LockOwner> {
  const { owner, lock, rights } = request
  const conflicts = conflictsOf(rights)
  for (const [holder, held] of lock.holders()) {
    if (holder !== owner && (held & conflicts) !== 0) yield holder
  }
  if (request.isConversion) return
  for (let ahead = request.previous; ahead !== undefined; ahead = ahead.previous) {
    if (ahead.owner !== owner && (ahead.rights & conflicts) !== 0) yield ahead.owner
  }
}

/** False only when nobody waits for the owner: then it closes no cycle. */
function isWaitedFor(owner: LockOwner): boolean {
  return (
    owner.locks.some((lock) => lock.hasWaiters) ||
    owner.requests.some((request) => request.next !== undefined)
  )
}

function pathTo(
  last: LockRequest,
  start: LockOwner,
  reachedBy: ReadonlyMap<LockOwner, LockRequest>,
): Cycle {
  const path = [last]
  let first = last
  while (first.owner !== start) {
    first = reachedBy.get(first.owner) as LockRequest
    path.unshift(first)
  }
  return path
}

/**
 * Leaves out requests that lead to nobody new, so that a long queue is walked a few times and not
 * once for each who stands in it: those that stand before a searched request and conflict with
 * nothing else than that one does. A searched conversion excuses nobody, because it did not look
 * at its own owner, who may be the one that the search began with.
 */
class Searched {
  readonly #byLock = new Map<Lock, { position: number; conflicts: Rights }[]>()

  /** False when the request need not be searched any more. */
  add(request: LockRequest): boolean {
    const { lock, position } = request
    const conflicts = conflictsOf(request.rights)
    const searched = this.#byLock.get(lock) ?? []
    if (searched.some((one) => one.position >= position && includes(one.conflicts, conflicts))) {
      return false
    }
    if (request.isConversion) return true
    searched.push({ position, conflicts })
    this.#byLock.set(lock, searched)
    return true
  }
}
