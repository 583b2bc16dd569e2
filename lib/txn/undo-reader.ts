import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import { asLostRecord } from '../log/lost-record.ts'
import type { LogRecord, RecordBatch } from '../log/record-batch.ts'
import type { TransactionState } from './transaction-table.ts'

/**
 * Records for undo, which reads the log backwards. A record of a long transaction is read together
 * with everything back to the transaction's last mark before it, so that a sweep over many records
 * reads the log once; any other one is read by itself.
 */
export class UndoReader {
  readonly #log: Log
  #batch: RecordBatch | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** The record at `state.undoNextLSN`. @throws ERR_SEAWALL_CORRUPT_LOG when it is not there */
  async next(state: TransactionState): Promise<LogRecord> {
    try {
      return await this.#next(state)
    } catch (error) {
      throw asLostRecord(error, 'a change of a transaction that is rolled back')
    }
  }

  async #next(state: TransactionState): Promise<LogRecord> {
    const lsn = state.undoNextLSN
    const found = this.#find(lsn)
    if (found !== undefined) return found
    const mark = state.marks.before(lsn)
    if (mark === undefined || lsn >= this.#log.flushedLSN) {
      return this.#log.get(lsn, { unflushed: true })
    }
    for await (const batch of this.#log.read({ from: mark, to: (lsn + 1) as LSN }).batches()) {
      this.#batch = batch
    }
    return this.#find(lsn) ?? this.#log.get(lsn)
  }

  #find(lsn: LSN): LogRecord | undefined {
    const batch = this.#batch
    if (batch === undefined || lsn >= batch.nextLSN || lsn < batch.lsn(0)) return undefined
    let low = 0
    let high = batch.count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (batch.lsn(middle) <= lsn) low = middle
      else high = middle - 1
    }
    return batch.lsn(low) === lsn ? batch.record(low) : undefined
  }
}
