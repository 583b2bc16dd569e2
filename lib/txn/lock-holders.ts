import { noRights, type Rights } from './lock-mode.ts'
import type { LockOwner } from './lock-owner.ts'

const rightCount = 4

/**
 * Several holders of one lock. Counts how many have each right, so that asking what the others
 * have costs the same for two holders and for thousands.
 */
export class LockHolders {
  readonly #rightsByOwner = new Map<LockOwner, Rights>()
  readonly #counts = new Array<number>(rightCount).fill(0)

  get count(): number {
    return this.#rightsByOwner.size
  }

  rightsOf(owner: LockOwner): Rights {
    return this.#rightsByOwner.get(owner) ?? noRights
  }

  rightsBeside(owner: LockOwner): Rights {
    const own = this.rightsOf(owner)
    let others = noRights
    for (let bit = 0; bit < rightCount; bit++) {
      if ((this.#counts[bit] as number) > ((own >> bit) & 1)) others |= 1 << bit
    }
    return others
  }

  set(owner: LockOwner, rights: Rights): void {
    this.#count(this.rightsOf(owner), -1)
    this.#count(rights, 1)
    this.#rightsByOwner.set(owner, rights)
  }

  delete(owner: LockOwner): void {
    this.#count(this.rightsOf(owner), -1)
    this.#rightsByOwner.delete(owner)
  }

  entries(): Iterable<readonly [LockOwner, Rights]> {
    return this.#rightsByOwner
  }

  #count(rights: Rights, change: number): void {
    for (let bit = 0; bit < rightCount; bit++) {
      if (((rights >> bit) & 1) === 1) this.#counts[bit] = (this.#counts[bit] as number) + change
    }
  }
}
