import type { PageChange } from './protocol.ts'
import { type Violation, violation } from './violation.ts'

interface Commit {
  readonly index: number
  readonly changes: readonly PageChange[]
}

/**
 * What the pages must hold after a kill, from what clients reported before each commit and after
 * it. D <= R <= I: the state after the last acknowledged commit, or after any later one that was
 * asked for; commits are in the log in the order of their asking.
 */
export class StoreLedger {
  /** The state before the first of #commits. */
  readonly #contents = new Map<number, string>()
  #commits: Commit[] = []
  /** How many of them were acknowledged. */
  #durable = 0
  #flushedLSN = 0
  #keptFrom = 0
  acknowledged = 0

  commit(index: number, changes: readonly PageChange[]): void {
    this.#commits.push({ index, changes })
  }

  /** The commit and everything before it. */
  committed(index: number, flushedLSN: number): void {
    this.acknowledged += 1
    const at = this.#commits.findLastIndex((commit) => commit.index === index)
    this.#durable = Math.max(this.#durable, at + 1)
    this.#flushedLSN = Math.max(this.#flushedLSN, flushedLSN)
  }

  /** Where the log begins and ends after a restart. */
  logRecovered(keptFrom: number, keptTo: number): Violation | undefined {
    if (keptTo < this.#flushedLSN) {
      return violation('I7', `the log ends at ${keptTo}, it was flushed to ${this.#flushedLSN}`)
    }
    if (keptFrom < this.#keptFrom) {
      return violation('I9', `the log begins at ${keptFrom}, and began at ${this.#keptFrom}`)
    }
    this.#flushedLSN = keptTo
    this.#keptFrom = keptFrom
    return undefined
  }

  /** What a restart found is what all later ones must find (I5). */
  recovered(found: readonly PageChange[]): Violation | undefined {
    const actual = new Map(found)
    const differing = new Set<number>()
    for (const pageId of new Set([...actual.keys(), ...this.#contents.keys()])) {
      if (actual.get(pageId) !== this.#contents.get(pageId)) differing.add(pageId)
    }
    let closest = ''
    let earlier: number | undefined
    for (let commits = 0; commits <= this.#commits.length; commits++) {
      if (commits > 0) this.#apply(this.#commits[commits - 1] as Commit, actual, differing)
      if (differing.size === 0 && commits >= this.#durable) {
        this.#commits = []
        this.#durable = 0
        return undefined
      }
      if (differing.size === 0) earlier = commits
      if (commits === this.#durable) closest = this.#difference(differing, actual)
    }
    if (earlier !== undefined) {
      const { index } = this.#commits[earlier] as Commit
      const lost = this.#durable - earlier
      return violation('I1', `${lost} acknowledged commits are lost, from number ${index} on`)
    }
    const { length } = this.#commits
    return violation(
      'I17',
      `the pages are in no state from commit ${this.#durable} of ${length} on: ${closest}`,
    )
  }

  #apply(commit: Commit, actual: ReadonlyMap<number, string | null>, differing: Set<number>): void {
    for (const [pageId, content] of commit.changes) {
      if (content === null) this.#contents.delete(pageId)
      else this.#contents.set(pageId, content)
      if (actual.get(pageId) === this.#contents.get(pageId)) differing.delete(pageId)
      else differing.add(pageId)
    }
  }

  #difference(differing: ReadonlySet<number>, actual: ReadonlyMap<number, string | null>): string {
    const [pageId = 0] = differing
    const is = actual.get(pageId) ?? 'not there'
    const expected = this.#contents.get(pageId) ?? 'nothing'
    return `${differing.size} pages differ; page ${pageId} is ${is}, expected ${expected}`
  }
}
