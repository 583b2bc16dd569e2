import { SeawallError } from '../errors.ts'
import { recordAlignmentBytes, recordHeader } from '../format/layout.ts'
import type { Log } from '../log/log.ts'
import type { TransactionState, TransactionTable } from './transaction-table.ts'

/** What a record with such a body takes up in the log. */
export function recordBytes(bodyBytes: number): number {
  return (recordHeader.bytes + bodyBytes + recordAlignmentBytes - 1) & -recordAlignmentBytes
}

// For ends of transactions, and the record that the next open begins with.
const slackBytes = 64 * 1024
// From this part of the log on, transactions wait for a checkpoint before they begin.
const crowdedPart = 3 / 4

export interface SpaceNeeds {
  readonly pageBytes: number
  /** What a compensation may take beyond the body of the change. */
  readonly compensationExtraBytes: number
  /** The largest checkpoint. */
  readonly checkpointBytes: number
}

/**
 * Keeps enough of the log free to roll every transaction back (H55): each change reserves what its
 * compensation will take, and a change for which there is no room is refused before it is logged.
 */
export class LogSpace {
  readonly #log: Log
  readonly #transactions: TransactionTable
  readonly #needs: SpaceNeeds
  readonly #keptBytes: number
  #limitLSN = 0
  #capacityBytes = 0
  #reservedBytes = 0

  constructor(log: Log, transactions: TransactionTable, needs: SpaceNeeds) {
    this.#log = log
    this.#transactions = transactions
    this.#needs = needs
    // Two checkpoints: the one before a crash, and the one after the restart.
    this.#keptBytes = slackBytes + 2 * needs.checkpointBytes
    this.logWasTruncated()
  }

  get reservedBytes(): number {
    return this.#reservedBytes
  }

  /** Most of the log is taken: whoever can should wait for a checkpoint. */
  get isCrowded(): boolean {
    const free = this.#limitLSN - this.#log.endLSN - this.#reservedBytes
    return free < this.#capacityBytes * (1 - crowdedPart)
  }

  logWasTruncated(): void {
    const { limitLSN, oldestLSN } = this.#log.stats()
    this.#limitLSN = limitLSN
    this.#capacityBytes = limitLSN - oldestLSN
  }

  /**
   * Room for a change whose record has a body of `bodyBytes`, and for its compensation.
   *
   * @throws ERR_SEAWALL_LOG_FULL, naming who holds the log; nothing is reserved then
   */
  reserve(state: TransactionState, bodyBytes: number): void {
    const { pageBytes, compensationExtraBytes } = this.#needs
    const undoBytes = recordBytes(bodyBytes + compensationExtraBytes)
    // An image of the page may come before the record, and a check behind it.
    const wantedBytes = recordBytes(bodyBytes) + 2 * pageBytes + undoBytes + this.#reservedBytes
    if (this.#log.endLSN + wantedBytes + this.#keptBytes > this.#limitLSN) throw this.#full()
    state.undoBytes += undoBytes
    this.#reservedBytes += undoBytes
  }

  /** The transaction has ended, or is rolled back so far that it needs `undoBytes` at most. */
  release(state: TransactionState, undoBytes = 0): void {
    this.#reservedBytes -= state.undoBytes - undoBytes
    state.undoBytes = undoBytes
  }

  #full(): SeawallError {
    const { oldestLSN } = this.#log
    const oldest = this.#transactions.oldest()
    const heldFrom = oldest?.firstLSN ?? this.#log.endLSN
    const isHolder = heldFrom - oldestLSN < (this.#log.endLSN - oldestLSN) / 2
    const ageSeconds = Math.round((Date.now() - (oldest?.beganAtMs ?? 0)) / 1000)
    const detail = isHolder
      ? `held by the transaction that began at LSN ${heldFrom}, ${ageSeconds} s ago`
      : `held by pages that are not written yet: try again after a checkpoint`
    return new SeawallError('ERR_SEAWALL_LOG_FULL', { detail })
  }
}
