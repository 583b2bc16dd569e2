import type { Log, LSN } from '../../lib/index.ts'
import type { Entry } from './entry-format.ts'
import { merge, withoutDeletions } from './merge.ts'
import { scanRun, type SortedRun, startOf, writeRun } from './sorted-run.ts'

/** The runs of a store, newest first, and the log that they stand in. */
export class RunSet {
  readonly #log: Log
  #runs: readonly SortedRun[]
  /** Those that the store would open with after a crash. */
  #named: readonly SortedRun[]
  /** Those that somebody reads; the same set once for each of them. */
  readonly #held: (readonly SortedRun[])[] = []

  constructor(log: Log, runs: readonly SortedRun[]) {
    this.#log = log
    this.#runs = runs
    this.#named = runs
  }

  get runs(): readonly SortedRun[] {
    return this.#runs
  }

  /** Bytes of the log, runs that nobody needs any more included. */
  get logBytes(): number {
    return this.#log.endLSN - this.#log.oldestLSN
  }

  /** Writes `entries`, which are newer than all runs, to a run. */
  async add(entries: Iterable<Entry>): Promise<void> {
    this.#runs = [await writeRun(this.#log, entries), ...this.#runs]
  }

  /** Makes one run of all. What was deleted is gone then: there is nothing older that it hides. */
  async mergeAll(): Promise<void> {
    const sources = this.#runs.map((run) => scanRun(this.#log, run, '', undefined))
    this.#runs = [await writeRun(this.#log, withoutDeletions(merge(sources)))]
  }

  /** The runs as they are now, kept in the log until `release`. */
  hold(): { log: Log; runs: readonly SortedRun[]; release: () => void } {
    const runs = this.#runs
    this.#held.push(runs)
    const release = (): void => {
      this.#held.splice(this.#held.indexOf(runs), 1)
      // A failure shows in the next flush, which does the same.
      if (runs !== this.#runs) this.#truncate().catch(() => {})
    }
    return { log: this.#log, runs, release }
  }

  /** The runs are durably named as those to open with: what only older ones need can go. */
  async named(): Promise<void> {
    this.#named = this.#runs
    await this.#truncate()
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  async #truncate(): Promise<void> {
    const needed = [this.#runs, this.#named, ...this.#held].flat().map(startOf)
    const [first, ...others] = needed
    if (first === undefined) return
    await this.#log.truncateBefore(others.reduce((a: LSN, b) => (b < a ? b : a), first))
  }
}
