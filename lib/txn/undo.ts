import type { BufferPool } from '../buffer/buffer-pool.ts'
import { SeawallError } from '../errors.ts'
import { readLSN } from '../format/engine-record.ts'
import { compensationBody, recordCompensation, recordUpdate, updateBody } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import type { LogRecord } from '../log/record-batch.ts'
import type { UndoActions } from '../operation/page-actions.ts'
import type { OperationRegistry } from '../operation/registry.ts'
import { type PageChanges, withLSN } from './page-changes.ts'
import type { TransactionState } from './transaction-table.ts'
import { UndoReader } from './undo-reader.ts'

/** Actions of the undo of one record, and their end. */
export interface RecordUndo extends UndoActions {
  readonly isCompensated: boolean
  releaseAll(): void
}

/**
 * Undo of one record after the other, the same in a rollback, a rollback to a savepoint and at
 * restart (ARIES sections 5.2 and 6.3).
 *
 * A compensation record is never undone (H33): it says where undo goes on, so that what is undone
 * stays undone however often undo begins again.
 */
export class Undo {
  readonly #reader: UndoReader
  readonly #pool: BufferPool
  readonly #changes: PageChanges
  readonly #operations: OperationRegistry
  readonly #actionsFor: (state: TransactionState, undoNextLSN: LSN) => RecordUndo

  constructor(
    log: Log,
    pool: BufferPool,
    changes: PageChanges,
    operations: OperationRegistry,
    actionsFor: (state: TransactionState, undoNextLSN: LSN) => RecordUndo,
  ) {
    this.#reader = new UndoReader(log)
    this.#pool = pool
    this.#changes = changes
    this.#operations = operations
    this.#actionsFor = actionsFor
  }

  /** Undoes what the transaction changed after `savepointLSN`; 0: everything. */
  async backTo(state: TransactionState, savepointLSN: LSN): Promise<void> {
    while (state.undoNextLSN > savepointLSN) await this.step(state)
  }

  /**
   * Undoes, or steps over, the record at `state.undoNextLSN`. True when it wrote a compensation.
   *
   * @throws ERR_SEAWALL_UNKNOWN_OPERATION, ERR_SEAWALL_OPERATION_FAILED with LSN and page
   */
  async step(state: TransactionState): Promise<boolean> {
    state.undosRunning += 1
    try {
      return await this.#undoNext(state)
    } finally {
      state.undosRunning -= 1
      if (state.undosRunning === 0) this.#pool.undoIsOver(state)
    }
  }

  async #undoNext(state: TransactionState): Promise<boolean> {
    const record = await this.#reader.next(state)
    const { body } = record
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    if (record.type === recordCompensation) {
      state.undoNextLSN = readLSN(view, compensationBody.undoNextLSN)
      return false
    }
    if (record.type !== recordUpdate) {
      const detail = `record type ${record.type} in the chain of a transaction`
      throw new SeawallError('ERR_SEAWALL_CORRUPT_LOG', { lsn: record.lsn, detail })
    }
    try {
      await this.#undoUpdate(state, record, view)
    } catch (error) {
      throw withLSN(error, record.lsn, view.getUint32(updateBody.pageId, true))
    }
    return true
  }

  async #undoUpdate(state: TransactionState, record: LogRecord, view: DataView): Promise<void> {
    const pageId = view.getUint32(updateBody.pageId, true)
    const number = view.getUint16(updateBody.operation, true)
    const prevLSN = readLSN(view, updateBody.prevLSN)
    const payload = record.body.subarray(updateBody.bytes)
    const { name, undo, logicalUndo } = this.#operations.get(number)
    if (logicalUndo !== undefined) {
      const actions = this.#actionsFor(state, prevLSN)
      try {
        await this.#made(record.lsn, pageId, name, () => logicalUndo(actions, pageId, payload))
        if (!actions.isCompensated) this.#changes.endNestedTopAction(state, prevLSN)
      } finally {
        actions.releaseAll()
      }
      return
    }
    if (undo === undefined) {
      const detail = `${name} has no undo`
      throw new SeawallError('ERR_SEAWALL_UNKNOWN_OPERATION', { lsn: record.lsn, detail })
    }
    const compensation = await this.#made(record.lsn, pageId, name, () => undo(payload))
    const frame = await this.#pool.pin(pageId, state)
    try {
      this.#changes.compensate(state, frame, compensation, prevLSN)
    } finally {
      this.#pool.unpin(frame)
    }
  }

  // What the user's undo throws is not the engine's to guess about.
  async #made<T>(lsn: LSN, page: number, name: string, make: () => T | Promise<T>): Promise<T> {
    try {
      return await make()
    } catch (cause) {
      if (cause instanceof SeawallError && cause.code !== 'ERR_SEAWALL_INVALID_ARGUMENT') {
        throw cause
      }
      const detail = `undo of ${name} threw`
      throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', { lsn, page, detail, cause })
    }
  }
}
