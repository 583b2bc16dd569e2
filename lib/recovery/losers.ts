import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { PageChanges } from '../txn/page-changes.ts'
import { TransactionState, type TransactionTable } from '../txn/transaction-table.ts'
import type { Undo } from '../txn/undo.ts'
import type { Loser } from './analysis.ts'
import { LoserHeap } from './loser-heap.ts'
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
  readonly #losers: LoserHeap<TransactionState>
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
    const states = byAge.map((loser) => {
      const state = new TransactionState(nowMs)
      state.firstLSN = loser.firstLSN
      state.lastLSN = loser.lastLSN
      state.undoNextLSN = loser.undoNextLSN
      state.marks = loser.marks
      transactions.add(state)
      return state
    })
    this.#losers = new LoserHeap(states)
  }

  /** Where the sweep begins. */
  get highestLSN(): LSN {
    return this.#losers.first?.undoNextLSN ?? noLSN
  }

  async run(progress: PhaseProgress): Promise<void> {
    for (let loser = this.#losers.first; loser !== undefined; loser = this.#losers.first) {
      if (loser.undoNextLSN === noLSN) {
        this.#changes.end(loser)
        this.#losers.removeFirst()
        continue
      }
      progress.at(loser.undoNextLSN, this.counts.records)
      this.counts.records += 1
      if (await this.#undo.step(loser)) this.counts.compensations += 1
      this.#losers.firstHasMoved()
    }
  }
}
