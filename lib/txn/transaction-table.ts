import { noLSN, type TransactionEntry } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'

/** Log between two marks of a transaction: what its undo reads at once. */
const markDistanceBytes = 256 * 1024

/** LSNs of some records of one transaction, by which undo finds its way back in large steps. */
export class UndoMarks {
  #lsns: LSN[] | undefined

  /** Called with every record that may have to be undone, in their order. */
  note(lsn: LSN): void {
    if (this.#lsns === undefined) this.#lsns = [lsn]
    else if (lsn - (this.#lsns.at(-1) ?? 0) >= markDistanceBytes) this.#lsns.push(lsn)
  }

  /** The last one below `lsn`. Marks behind are of no more use: undo only goes back. */
  before(lsn: LSN): LSN | undefined {
    while ((this.#lsns?.at(-1) ?? -1) >= lsn) this.#lsns?.pop()
    return this.#lsns?.at(-1)
  }
}

/**
 * What the log knows of a transaction. Its identity is the LSN of its first record: unique for as
 * long as the log lives, also over crashes, and nothing has to be logged to hand it out (H39).
 *
 * DEVIATION(ARIES 4.1): there is no number of a transaction beside the log, and no begin record.
 */
export class TransactionState {
  /** 0 as long as it has written nothing. */
  firstLSN: LSN = noLSN
  lastLSN: LSN = noLSN
  /** The next of its records to undo; 0: none. */
  undoNextLSN: LSN = noLSN
  /** Changes and compensations that it has logged. */
  records = 0
  /** Log space that rolling it back may take. */
  undoBytes = 0
  /** Records that are being undone, one within the other: no log space is refused meanwhile. */
  undosRunning = 0
  /** Its commit or end is in the log: nothing more may be logged for it. */
  isOver = false
  /** The lowest page that it was given: free again when it is rolled back. */
  lowestTakenPage = Number.POSITIVE_INFINITY
  /** Where its undo can read from. */
  marks = new UndoMarks()
  /** Since when it runs, by the monotonic clock: for those who ask who holds the log. */
  readonly beganAtMs: number

  constructor(beganAtMs: number) {
    this.beganAtMs = beganAtMs
  }
}

/** The transactions that have written and not ended (ATT). */
export class TransactionTable {
  // In the order of their first records.
  readonly #states = new Set<TransactionState>()

  get size(): number {
    return this.#states.size
  }

  add(state: TransactionState): void {
    this.#states.add(state)
  }

  remove(state: TransactionState): void {
    this.#states.delete(state)
  }

  /** The one whose first record is the oldest. */
  oldest(): TransactionState | undefined {
    return this.#states.values().next().value
  }

  snapshot(): TransactionEntry[] {
    return Array.from(this.#states, ({ firstLSN, lastLSN, undoNextLSN }) => ({
      transactionLSN: firstLSN,
      lastLSN,
      undoNextLSN,
    }))
  }
}
