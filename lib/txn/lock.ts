import { LockHolders } from './lock-holders.ts'
import { noRights, type Rights } from './lock-mode.ts'
import type { LockOwner } from './lock-owner.ts'
import type { LockQueue } from './lock-queue.ts'

/** A number is a page, a string is a key of the user's. */
export type LockKey = number | string

const longestShownKey = 60

/** The key in words, for messages. */
export function keyInWords(key: LockKey): string {
  if (typeof key === 'number') return `page ${key}`
  if (key.length <= longestShownKey) return `key ${JSON.stringify(key)}`
  return `key ${JSON.stringify(key.slice(0, longestShownKey))}...`
}

/**
 * Who holds one key and who waits for it. Nearly every lock has one holder and nobody waiting, so
 * collections exist only once they are needed.
 */
export class Lock {
  readonly key: LockKey
  /** Who waits; undefined until somebody had to. */
  queue: LockQueue | undefined = undefined
  // As long as #holders is undefined, #owner is the only holder.
  #owner: LockOwner | undefined
  #rights: Rights
  #holders: LockHolders | undefined = undefined

  constructor(key: LockKey, owner: LockOwner, rights: Rights) {
    this.key = key
    this.#owner = owner
    this.#rights = rights
  }

  get hasHolders(): boolean {
    return this.#holders === undefined ? this.#owner !== undefined : this.#holders.count > 0
  }

  get hasWaiters(): boolean {
    return this.queue !== undefined && this.queue.first !== undefined
  }

  rightsOf(owner: LockOwner): Rights {
    if (this.#holders !== undefined) return this.#holders.rightsOf(owner)
    return this.#owner === owner ? this.#rights : noRights
  }

  /** What the holders other than `owner` are permitted, all together. */
  rightsBeside(owner: LockOwner): Rights {
    if (this.#holders !== undefined) return this.#holders.rightsBeside(owner)
    return this.#owner === owner ? noRights : this.#rights
  }

  grant(owner: LockOwner, rights: Rights): void {
    if (this.#holders === undefined) {
      if (this.#owner === owner || this.#owner === undefined) {
        this.#owner = owner
        this.#rights = rights
        return
      }
      this.#holders = new LockHolders()
      this.#holders.set(this.#owner, this.#rights)
    }
    this.#holders.set(owner, rights)
  }

  release(owner: LockOwner): void {
    if (this.#holders !== undefined) this.#holders.delete(owner)
    else if (this.#owner === owner) {
      this.#owner = undefined
      this.#rights = noRights
    }
  }

  /** In the order of the first grant. */
  holders(): (readonly [LockOwner, Rights])[] {
    if (this.#holders !== undefined) return [...this.#holders.entries()]
    return this.#owner === undefined ? [] : [[this.#owner, this.#rights]]
  }
}
