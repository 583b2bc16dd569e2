import type { LostPages } from '../buffer/lost-pages.ts'
import { SeawallError } from '../errors.ts'
import { checkpointEndBytes } from '../format/engine-record.ts'
import { recordAlignmentBytes, recordHeader } from '../format/layout.ts'
import type { Log } from '../log/log.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import type { TransactionState, TransactionTable } from './transaction-table.ts'

/** What a record with such a body takes up in the log. */
export function recordBytes(bodyBytes: number): number {
  return (recordHeader.bytes + bodyBytes + recordAlignmentBytes - 1) & -recordAlignmentBytes
}

// For ends of transactions, and the record that the next open begins with.
const slackBytes = 64 * 1024
// A logical undo may split pages to make room: so much of the log it may take for that.
const pagesOfLogicalUndo = 4
// From this part of the log on, transactions wait for a checkpoint before they begin.
const crowdedPart = 3 / 4

export interface SpaceNeeds {
  readonly pageBytes: number
  /** What a compensation may take beyond the body of the change. */
  readonly compensationExtraBytes: number
  /** Pages that a checkpoint may name, beside the lost ones. */
  readonly frameCount: number
  readonly lostPages: LostPages
}

/**
 * Keeps enough of the log free to roll every transaction back (H55): each change reserves what its
 * compensation will take, and a change for which there is no room is refused before it is logged.
 *
 * DEVIATION(ARIES 5.2): a rollback has its room in the log before it begins.
 */
export class LogSpace {
  readonly #log: Log
  readonly #transactions: TransactionTable
  readonly #needs: SpaceNeeds
  readonly #clock: Clock
  #limitLSN = 0
  #capacityBytes = 0
  #reservedBytes = 0

  constructor(
    log: Log,
    transactions: TransactionTable,
    needs: SpaceNeeds,
    clock: Clock = systemClock,
  ) {
    this.#log = log
    this.#transactions = transactions
    this.#needs = needs
    this.#clock = clock
    this.logWasTruncated()
  }

  get reservedBytes(): number {
    return this.#reservedBytes
  }

  /** Most of the log is taken: whoever can should wait for a checkpoint. */
  get isCrowded(): boolean {
    const free = this.#limitLSN - this.#log.endLSN - this.#reservedBytes - this.#keptBytes()
    return free < this.#capacityBytes * (1 - crowdedPart)
  }

  logWasTruncated(): void {
    const { limitLSN, oldestLSN } = this.#log.stats()
    this.#limitLSN = limitLSN
    this.#capacityBytes = limitLSN - oldestLSN
  }

  /**
   * Room for a change whose record has a body of `bodyBytes`, and for its compensation. A change
   * that is part of an undo is never refused: `isLogical` changes have reserved room for it.
   *
   * @throws ERR_SEAWALL_LOG_FULL, naming who holds the log; nothing is reserved then
   */
  reserve(state: TransactionState, bodyBytes: number, isLogical: boolean): void {
    const { pageBytes, compensationExtraBytes } = this.#needs
    const recordUndoBytes = recordBytes(bodyBytes + compensationExtraBytes)
    const undoBytes = recordUndoBytes + (isLogical ? pagesOfLogicalUndo * pageBytes : 0)
    // An image of the page may come before the record, and a check behind it.
    const wantedBytes = recordBytes(bodyBytes) + 2 * pageBytes + undoBytes + this.#reservedBytes
    const isFull = this.#log.endLSN + wantedBytes + this.#keptBytes() > this.#limitLSN
    if (isFull && state.undosRunning === 0) throw this.#full()
    state.undoBytes += undoBytes
    this.#reservedBytes += undoBytes
  }

  /** The transaction has ended. A rollback to a savepoint gives nothing back: that is the safe side. */
  release(state: TransactionState): void {
    this.#reservedBytes -= state.undoBytes
    state.undoBytes = 0
  }

  // Two checkpoints: the one before a crash, and the one after the restart. Each may be followed by
  // another one that gives up lost pages.
  #keptBytes(): number {
    const { size } = this.#transactions
    const { frameCount, lostPages } = this.#needs
    const pageCount = frameCount + 2 * lostPages.size
    return slackBytes + 2 * recordBytes(checkpointEndBytes(size + 1, pageCount))
  }

  #full(): SeawallError {
    return new SeawallError('ERR_SEAWALL_LOG_FULL', { detail: `held by ${this.#holder()}` })
  }

  // Whoever holds more than half of the log; the older one of two.
  #holder(): string {
    const { oldestLSN, endLSN } = this.#log
    const oldest = this.#transactions.oldest()
    const lost = this.#needs.lostPages.oldest()
    const [transactionFrom, lostFrom] = [oldest?.firstLSN ?? endLSN, lost?.recLSN ?? endLSN]
    const isHolder = Math.min(transactionFrom, lostFrom) - oldestLSN < (endLSN - oldestLSN) / 2
    if (!isHolder) return 'pages that are not written yet: try again after a checkpoint'
    if (lost !== undefined && lostFrom < transactionFrom) {
      const since = `page ${lost.pageId}, which is damaged and waits for its redo since LSN ${lostFrom}`
      return `${since}: the next transaction gives it up`
    }
    const ageSeconds = Math.round((this.#clock.monotonicMs() - (oldest?.beganAtMs ?? 0)) / 1000)
    return `the transaction that began at LSN ${transactionFrom}, ${ageSeconds} s ago`
  }
}
