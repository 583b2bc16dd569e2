import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { PageChanges } from '../txn/page-changes.ts'
import { TransactionState, type TransactionTable } from '../txn/transaction-table.ts'
import type { Undo } from '../txn/undo.ts'
import type { Loser } from './analysis.ts'
import type { PhaseProgress } from './progress.ts'

export interface UndoCounts {
  records: number
  compensations: number
}

/**
 * The third pass of a restart (ARIES section 6.3): rolls every loser back, in one backward sweep
 * over the log: always the record with the highest LSN of all that are left to undo.
 */
export class LoserUndo {
  readonly #undo: Undo
  readonly #changes: PageChanges
  /** A heap: the loser with the highest undoNextLSN stands first. */
  readonly #losers: TransactionState[] = []
  readonly counts: UndoCounts = { records: 0, compensations: 0 }

  constructor(
    losers: Iterable<Loser>,
    transactions: TransactionTable,
    undo: Undo,
    changes: PageChanges,
    nowMs: number,
  ) {
    this.#undo = undo
    this.#changes = changes
    const byAge = [...losers].sort((a, b) => a.firstLSN - b.firstLSN)
    for (const loser of byAge) {
      const state = new TransactionState(nowMs)
      state.firstLSN = loser.firstLSN
      state.lastLSN = loser.lastLSN
      state.undoNextLSN = loser.undoNextLSN
      state.marks = loser.marks
      transactions.add(state)
      this.#losers.push(state)
    }
    for (let at = (this.#losers.length >> 1) - 1; at >= 0; at--) this.#siftDown(at)
  }

  /** Where the sweep begins. */
  get highestLSN(): LSN {
    return this.#losers[0]?.undoNextLSN ?? noLSN
  }

  async run(progress: PhaseProgress): Promise<void> {
    while (this.#losers.length > 0) {
      const loser = this.#losers[0] as TransactionState
      if (loser.undoNextLSN === noLSN) {
        this.#changes.end(loser)
        this.#removeFirst()
        continue
      }
      progress.at(loser.undoNextLSN, this.counts.records)
      this.counts.records += 1
      if (await this.#undo.step(loser)) this.counts.compensations += 1
      this.#siftDown(0)
    }
  }

  #removeFirst(): void {
    const last = this.#losers.pop() as TransactionState
    if (this.#losers.length === 0) return
    this.#losers[0] = last
    this.#siftDown(0)
  }

  #siftDown(from: number): void {
    const losers = this.#losers
    const next = (i: number): number => losers[i]?.undoNextLSN ?? -1
    for (let at = from; ;) {
      const left = 2 * at + 1
      const child = next(left + 1) > next(left) ? left + 1 : left
      if (next(child) <= next(at)) return
      const moved = losers[at] as TransactionState
      losers[at] = losers[child] as TransactionState
      losers[child] = moved
      at = child
    }
  }
}
