import type { Failure } from '../layer.ts'
import { passOver } from './edits.ts'
import { parameterLists, type ShrinkableList } from './lists.ts'

export type Replay = (failure: Failure) => Promise<Failure | undefined>

export interface ShrinkLimits {
  /** Replays. */
  readonly attemptsMax: number
  /** Looked at between replays; when it is true, the smallest failure so far is the result. */
  isOver(): boolean
  /** Told of every failure that is smaller than the one before. */
  onSmaller?(failure: Failure): void
}

export interface Shrunk {
  readonly failure: Failure
  /** False: it did not fail in the same way when it was replayed as it was. */
  readonly reproduced: boolean
  readonly attempts: number
}

class Shrinker {
  readonly #replay: Replay
  readonly #limits: ShrinkLimits
  readonly #oracle: string
  best: Failure
  attempts = 0

  constructor(failure: Failure, replay: Replay, limits: ShrinkLimits) {
    this.best = failure
    this.#oracle = failure.oracle
    this.#replay = replay
    this.#limits = limits
  }

  get isOver(): boolean {
    return this.attempts >= this.#limits.attemptsMax || this.#limits.isOver()
  }

  /** Keeps `candidate` when it breaks the same promise. */
  async tries(candidate: Failure): Promise<boolean> {
    this.attempts += 1
    // A layer may refuse what it cannot make sense of; that is not the failure looked for.
    const met = await this.#replay(candidate).catch(() => undefined)
    if (met?.oracle !== this.#oracle) return false
    this.best = { ...candidate, message: met.message }
    this.#limits.onSmaller?.(this.best)
    return true
  }

  async shrinkChoices(): Promise<boolean> {
    let shrank = false
    for (const edit of passOver(this.best.choices.length)) {
      if (this.isOver) break
      const choices = edit(this.best.choices)
      if (choices === undefined) continue
      if (await this.tries({ ...this.best, choices })) shrank = true
    }
    return shrank
  }

  /** Deletes chunks of the list's items, then single ones. */
  async shrinkList(list: ShrinkableList): Promise<boolean> {
    let shrank = false
    for (let count = list.length(this.best); count > 0; count = Math.floor(count / 2)) {
      for (let from = list.length(this.best) - count; from > -count; from -= count) {
        if (this.isOver) return shrank
        const all = Array.from({ length: list.length(this.best) }, (_, i) => i)
        const kept = all.filter((i) => i < Math.max(0, from) || i >= from + count)
        if (kept.length === all.length) continue
        if (await this.tries(list.keeping(this.best, kept))) shrank = true
      }
    }
    return shrank
  }

  async pass(): Promise<boolean> {
    let shrank = await this.shrinkChoices()
    // A list that goes away takes the lists in it along, so they are looked up after each.
    for (let i = 0; i < parameterLists(this.best).length && !this.isOver; i++) {
      const list = parameterLists(this.best)[i] as ShrinkableList
      if (await this.shrinkList(list)) shrank = true
    }
    return shrank
  }
}

/**
 * A failure that breaks the same promise with fewer choices and smaller lists of parameters: passes
 * over all of them until nothing helps any more or the limits are reached. Deterministic, as far as
 * `replay` and the limits are.
 */
export async function shrink(
  failure: Failure,
  replay: Replay,
  limits: ShrinkLimits,
): Promise<Shrunk> {
  const shrinker = new Shrinker(failure, replay, limits)
  const reproduced = await shrinker.tries(failure)
  while (reproduced && !shrinker.isOver && (await shrinker.pass()));
  return { failure: shrinker.best, reproduced, attempts: shrinker.attempts }
}
