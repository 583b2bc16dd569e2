import type { CommitMode, CommitterView } from './lab-types.ts'

// Ticks between an acknowledgement and the committer's next commit, chosen at random.
const thinkTicksMax: Record<CommitMode, number> = { sync: 1, group: 2, async: 5 }

interface Committer {
  state: 'idle' | 'queued' | 'waiting'
  /** Commits again at this tick. */
  nextTick: number
  acknowledged: number
}

/**
 * Those who commit: each appends a record, waits for the acknowledgement, thinks, and commits again.
 * In sync mode one at a time; the others queue.
 */
export class Committers {
  readonly #random: () => number
  readonly #all: Committer[] = []
  #count = 0
  #queue: number[] = []
  #busy: number | undefined

  constructor(random: () => number, count: number) {
    this.#random = random
    this.setCount(count)
  }

  setCount(count: number): void {
    this.#count = count
    while (this.#all.length < count) this.#all.push({ state: 'idle', nextTick: 0, acknowledged: 0 })
    this.#queue = this.#queue.filter((id) => id < count)
    for (const [id, one] of this.#all.entries())
      if (id >= count && one.state === 'queued') one.state = 'idle'
  }

  /** Who commits in this tick, in order. */
  due(mode: CommitMode, tick: number): number[] {
    for (let id = 0; id < this.#count; id++) {
      const one = this.#at(id)
      if (one.state !== 'idle' || one.nextTick > tick) continue
      one.state = 'queued'
      this.#queue.push(id)
    }
    const due = mode === 'sync' ? this.#nextInTurn() : this.#queue.splice(0)
    for (const id of due) this.#at(id).state = 'waiting'
    return due
  }

  acknowledged(id: number, mode: CommitMode, tick: number): void {
    const one = this.#at(id)
    one.state = 'idle'
    one.acknowledged += 1
    one.nextTick = tick + 1 + Math.floor(this.#random() * (thinkTicksMax[mode] + 1))
    if (this.#busy === id) this.#busy = undefined
  }

  /** The power is gone, and with it what they waited for. */
  reset(tick: number): void {
    this.#queue = []
    this.#busy = undefined
    for (const one of this.#all) Object.assign(one, { state: 'idle', nextTick: tick })
  }

  views(): CommitterView[] {
    return this.#all
      .slice(0, this.#count)
      .map(({ state, acknowledged }, id) => ({ id: id + 1, state, acknowledged }))
  }

  #nextInTurn(): number[] {
    if (this.#busy !== undefined) return []
    this.#busy = this.#queue.shift()
    return this.#busy === undefined ? [] : [this.#busy]
  }

  #at(id: number): Committer {
    return this.#all[id] as Committer
  }
}
