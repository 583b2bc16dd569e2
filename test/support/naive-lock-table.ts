import type { LockMode } from '../../lib/txn/lock-table.ts'

export const lockModes: readonly LockMode[] = ['IS', 'IX', 'S', 'SIX', 'X']

/** Gray and Reuter, Transaction Processing, table 7.11: who may hold a lock together. */
const companions: Record<LockMode, readonly LockMode[]> = {
  IS: ['IS', 'IX', 'S', 'SIX'],
  IX: ['IS', 'IX'],
  S: ['IS', 'S'],
  SIX: ['IS'],
  X: [],
}

/** The same book, table 7.12: what a holder of the row has after asking for the column. */
const conversions: Record<LockMode, Record<LockMode, LockMode>> = {
  IS: { IS: 'IS', IX: 'IX', S: 'S', SIX: 'SIX', X: 'X' },
  IX: { IS: 'IX', IX: 'IX', S: 'SIX', SIX: 'SIX', X: 'X' },
  S: { IS: 'S', IX: 'SIX', S: 'S', SIX: 'SIX', X: 'X' },
  SIX: { IS: 'SIX', IX: 'SIX', S: 'SIX', SIX: 'SIX', X: 'X' },
  X: { IS: 'X', IX: 'X', S: 'X', SIX: 'X', X: 'X' },
}

export function mayShare(one: LockMode, other: LockMode): boolean {
  return companions[one].includes(other)
}

export function converted(held: LockMode | undefined, asked: LockMode): LockMode {
  return held === undefined ? asked : conversions[held][asked]
}

interface Waiting {
  request: number
  owner: number
  mode: LockMode
}

interface Key {
  holders: { owner: number; mode: LockMode }[]
  queue: Waiting[]
}

/**
 * What a lock table has to do, written down as directly as it can be: every question is answered
 * by looking at everything. It chooses no victims; it only judges them.
 */
export class NaiveLockTable {
  readonly keys: Key[]
  /** Requests in the order in which they were granted. */
  granted: number[] = []

  constructor(keyCount: number) {
    this.keys = Array.from({ length: keyCount }, () => ({ holders: [], queue: [] }))
  }

  clone(): NaiveLockTable {
    return Object.assign(new NaiveLockTable(0), structuredClone({ ...this }))
  }

  modeOf(owner: number, key: number): LockMode | undefined {
    return this.#key(key).holders.find((holder) => holder.owner === owner)?.mode
  }

  request(request: number, owner: number, keyNumber: number, mode: LockMode): void {
    const key = this.#key(keyNumber)
    place(key, { request, owner, mode })
    this.#serve(key)
  }

  withdraw(requests: readonly number[]): void {
    for (const key of this.keys) {
      key.queue = key.queue.filter((waiting) => !requests.includes(waiting.request))
    }
    for (const key of this.keys) this.#serve(key)
  }

  release(owner: number): void {
    for (const key of this.keys) {
      key.queue = key.queue.filter((waiting) => waiting.owner !== owner)
      key.holders = key.holders.filter((holder) => holder.owner !== owner)
    }
    for (const key of this.keys) this.#serve(key)
  }

  waiting(): Waiting[] {
    return this.keys.flatMap((key) => key.queue)
  }

  /** Owners who must end before the request can be granted. */
  blockers(request: number): number[] {
    const key = this.keys.find(({ queue }) => queue.some((one) => one.request === request)) as Key
    const at = key.queue.findIndex((one) => one.request === request)
    return obstacles(key, at).filter((owner) => owner !== key.queue[at]?.owner)
  }

  /** Whether the request lies on a cycle of which nobody is younger than its owner. */
  isVictim(request: number): boolean {
    const owner = this.waiting().find((one) => one.request === request)?.owner
    return owner !== undefined && this.#reaches([request], owner, owner)
  }

  hasCycle(): boolean {
    return this.waiting().some(({ owner, request }) => this.#reaches([request], owner, Infinity))
  }

  #reaches(requests: number[], goal: number, youngest: number): boolean {
    const seen = new Set<number>()
    const open = requests.flatMap((request) => this.blockers(request))
    for (const owner of open) {
      if (owner === goal) return true
      if (owner > youngest || seen.has(owner)) continue
      seen.add(owner)
      const next = this.waiting().filter((waiting) => waiting.owner === owner)
      open.push(...next.flatMap((waiting) => this.blockers(waiting.request)))
    }
    return false
  }

  #serve(key: Key): void {
    for (;;) {
      const at = key.queue.findIndex((_, i) => obstacles(key, i).length === 0)
      if (at < 0) return
      const [{ request, owner, mode }] = key.queue.splice(at, 1) as [Waiting]
      this.granted.push(request)
      const holder = key.holders.find((one) => one.owner === owner)
      if (holder !== undefined) {
        holder.mode = converted(holder.mode, mode)
        continue
      }
      key.holders.push({ owner, mode })
      const own = key.queue.filter((waiting) => waiting.owner === owner)
      key.queue = key.queue.filter((waiting) => waiting.owner !== owner)
      for (const waiting of own) place(key, waiting)
    }
  }

  #key(key: number): Key {
    return this.keys[key] as Key
  }
}

function place(key: Key, waiting: Waiting): void {
  const holds = (owner: number): boolean => key.holders.some((holder) => holder.owner === owner)
  const behind = holds(waiting.owner)
    ? key.queue.findLastIndex(({ owner }) => holds(owner))
    : key.queue.findLastIndex(({ owner }) => owner === waiting.owner)
  const isLast = behind < 0 && !holds(waiting.owner)
  key.queue.splice(isLast ? key.queue.length : behind + 1, 0, waiting)
}

/** Owners, perhaps the requester itself, whose locks or earlier requests stand in the way. */
function obstacles(key: Key, at: number): number[] {
  const { owner, mode } = key.queue[at] as Waiting
  const held = key.holders.find((holder) => holder.owner === owner)?.mode
  const wanted = converted(held, mode)
  const others = key.holders.filter((one) => one.owner !== owner && !mayShare(wanted, one.mode))
  if (held !== undefined) return others.map((one) => one.owner)
  const earlier = key.queue.slice(0, at).filter((one) => !mayShare(mode, one.mode))
  return [...others, ...earlier].map((one) => one.owner)
}
