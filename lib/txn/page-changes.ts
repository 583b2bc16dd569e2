import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { Frame } from '../buffer/frame.ts'
import { type ErrorCode, SeawallError } from '../errors.ts'
import { EngineRecordEncoder, noLSN } from '../format/engine-record.ts'
import {
  compensationBody,
  pageHeader,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  updateBody,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import type { Compensation } from '../operation/operation.ts'
import type { OperationRegistry } from '../operation/registry.ts'
import type { LogSpace } from './log-space.ts'
import type { TransactionState, TransactionTable } from './transaction-table.ts'

const updateType = { type: recordUpdate }
const compensationType = { type: recordCompensation }
const commitType = { type: recordCommit }
const endType = { type: recordEnd }
const imageType = { type: recordPageImage }
const checkType = { type: recordPageCheck }

export interface ChangeOptions {
  /** Log the whole page before its first change since it was last written. */
  readonly logsImages: boolean
  /** Log the whole page after every change, for restart to compare with. */
  readonly logsChecks: boolean
}

/**
 * The only way in which pages change: a record is logged and its redo applied, in one synchronous
 * step. Forward work, rollback and the undo of a restart all go through here; the redo of a restart
 * runs the same `apply`.
 *
 * Order within a step (H30, H57): the record gets its LSN, the page enters the dirty page table
 * with it, then the page changes. No turn of the event loop lies between, so a checkpoint sees all
 * of it or nothing, and the redo point cannot move between the decision to log an image and the
 * change that it is for.
 */
export class PageChanges {
  readonly #log: Log
  readonly #pool: BufferPool
  readonly #operations: OperationRegistry
  readonly #transactions: TransactionTable
  readonly #space: LogSpace
  readonly #options: ChangeOptions
  readonly #encoder = new EngineRecordEncoder()
  /** For trying a user's operation before it is logged. */
  readonly #trial: { body: Uint8Array; pageType: number }

  constructor(
    log: Log,
    pool: BufferPool,
    operations: OperationRegistry,
    transactions: TransactionTable,
    space: LogSpace,
    bodyBytes: number,
    options: ChangeOptions,
  ) {
    this.#log = log
    this.#pool = pool
    this.#operations = operations
    this.#transactions = transactions
    this.#space = space
    this.#options = options
    this.#trial = { body: new Uint8Array(bodyBytes), pageType: 0 }
  }

  /**
   * A change that can be undone.
   *
   * @throws ERR_SEAWALL_UNKNOWN_OPERATION, ERR_SEAWALL_OPERATION_FAILED,
   * ERR_SEAWALL_REDO_MISMATCH, ERR_SEAWALL_LOG_FULL, ERR_SEAWALL_POISONED, ...; nothing was logged
   * or changed then
   */
  update(state: TransactionState, frame: Frame, number: number, payload: Uint8Array): LSN {
    if (state.isOver) throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED')
    const operation = this.#operations.get(number)
    if (operation.undo === undefined && operation.logicalUndo === undefined) {
      return this.#redoOnly(state, frame, { operation: number, payload })
    }
    if (operation.isUsers) this.#try(frame, number, payload)
    const isLogical = operation.logicalUndo !== undefined
    this.#space.reserve(state, updateBody.bytes + payload.length, isLogical)
    this.#logImage(frame)
    const { firstLSN, lastLSN } = state
    const body = this.#encoder.update(firstLSN, lastLSN, frame.pageId, number, payload)
    const lsn = this.#log.append(body, updateType)
    if (firstLSN === noLSN) {
      state.firstLSN = lsn
      this.#transactions.add(state)
    }
    state.lastLSN = lsn
    state.undoNextLSN = lsn
    state.records += 1
    state.marks.note(lsn)
    this.#install(frame, lsn, number, payload)
    return lsn
  }

  /**
   * A change that is never undone: the compensation of one that is (CLR). `undoNextLSN` is where
   * the undo of the transaction goes on. A page that is damaged gets the record and not the change:
   * it is lost until the record is redone, or it would show what was rolled back when it can be
   * read again.
   */
  compensate(
    state: TransactionState,
    frame: Frame,
    { operation, payload }: Compensation,
    undoNextLSN: LSN,
  ): LSN {
    if (this.#operations.get(operation).isUsers && frame.failure === undefined) {
      this.#try(frame, operation, payload)
    }
    if (frame.failure === undefined) this.#logImage(frame)
    const { firstLSN, lastLSN } = state
    const body = this.#encoder.compensation(
      firstLSN,
      lastLSN,
      undoNextLSN,
      frame.pageId,
      operation,
      payload,
    )
    const lsn = this.#log.append(body, compensationType)
    state.lastLSN = lsn
    state.undoNextLSN = undoNextLSN
    state.records += 1
    if (frame.failure === undefined) this.#install(frame, lsn, operation, payload)
    else this.#pool.noteLost(frame, lsn, lsn)
    return lsn
  }

  /** Undo goes on at `undoNextLSN`: what lies between stays (ARIES section 9, dummy CLR). */
  endNestedTopAction(state: TransactionState, undoNextLSN: LSN): void {
    if (state.undoNextLSN === undoNextLSN) return
    const none = new Uint8Array(0)
    const { firstLSN, lastLSN } = state
    const body = this.#encoder.compensation(firstLSN, lastLSN, undoNextLSN, 0, 0, none)
    state.lastLSN = this.#log.append(body, compensationType)
    state.undoNextLSN = undoNextLSN
  }

  /** A change of the store itself, of no transaction, which is never undone. */
  system(frame: Frame, number: number, payload: Uint8Array): LSN {
    this.#logImage(frame)
    const body = this.#encoder.compensation(noLSN, noLSN, noLSN, frame.pageId, number, payload)
    const lsn = this.#log.append(body, compensationType)
    this.#install(frame, lsn, number, payload)
    return lsn
  }

  /**
   * The transaction is a winner once this record is durable. REQUIRES: it has written.
   *
   * DEVIATION(ARIES 5.3): it is over with this record; an end record only follows a rollback.
   */
  commit(state: TransactionState): LSN {
    const body = this.#encoder.transaction(state.firstLSN, state.lastLSN)
    const lsn = this.#log.append(body, commitType)
    this.#over(state)
    return lsn
  }

  /** The transaction is rolled back. REQUIRES: it has written, and everything is undone. */
  end(state: TransactionState): LSN {
    const body = this.#encoder.transaction(state.firstLSN, state.lastLSN)
    const lsn = this.#log.append(body, endType)
    this.#over(state)
    return lsn
  }

  // Undo passes over it: it is logged like the compensation of nothing.
  // DEVIATION(ARIES 3): a change that is only redone has no record type of its own.
  #redoOnly(state: TransactionState, frame: Frame, change: Compensation): LSN {
    if (state.firstLSN !== noLSN) return this.compensate(state, frame, change, state.undoNextLSN)
    if (this.#operations.get(change.operation).isUsers) {
      this.#try(frame, change.operation, change.payload)
    }
    return this.system(frame, change.operation, change.payload)
  }

  #over(state: TransactionState): void {
    state.isOver = true
    this.#transactions.remove(state)
    this.#space.release(state)
  }

  /** Throws when redo would, before anything is logged. */
  #try(frame: Frame, number: number, payload: Uint8Array): void {
    this.#trial.body.set(frame.body)
    this.#trial.pageType = frame.pageType
    this.#operations.get(number).apply(this.#trial, payload, 0, payload.length)
  }

  // Torn pages, with images: the first change since a copy for writing was taken may be followed by
  // a write that tears (H28). From the image on, redo needs nothing of what is on disk.
  #logImage(frame: Frame): void {
    if (!this.#options.logsImages || frame.recLSN !== noLSN) return
    const { pageId, pageType, pageLSN, body } = frame
    const lsn = this.#log.append(this.#encoder.image(pageId, pageType, pageLSN, body), imageType)
    this.#pool.noteChange(frame, lsn)
    frame.pageLSN = lsn
  }

  #install(frame: Frame, lsn: LSN, number: number, payload: Uint8Array): void {
    this.#pool.noteChange(frame, lsn)
    const operation = this.#operations.get(number)
    if (operation.isUsers) {
      frame.body.set(this.#trial.body)
    } else {
      operation.apply(frame, payload, 0, payload.length)
    }
    frame.pageLSN = lsn
    if (!this.#options.logsChecks) return
    const { pageId, pageType, body } = frame
    this.#log.append(this.#encoder.image(pageId, pageType, lsn, body), checkType)
  }
}

/** Log space that a compensation may take beyond its own record. */
export function compensationExtraBytes(options: ChangeOptions, pageBytes: number): number {
  const image = 2 * pageHeader.bytes + pageBytes
  return (
    compensationBody.bytes -
    updateBody.bytes +
    (options.logsImages ? image : 0) +
    (options.logsChecks ? image : 0)
  )
}

const aboutOperations: ReadonlySet<string> = new Set<ErrorCode>([
  'ERR_SEAWALL_UNKNOWN_OPERATION',
  'ERR_SEAWALL_OPERATION_FAILED',
  'ERR_SEAWALL_REDO_MISMATCH',
])

/** The error of an operation, with the record and the page that it was about. */
export function withLSN(error: unknown, lsn: LSN, page: number): unknown {
  if (!(error instanceof SeawallError) || error.lsn !== undefined) return error
  if (!aboutOperations.has(error.code)) return error
  const { code, detail = '', cause } = error
  return new SeawallError(code, { lsn, page, detail, cause: cause ?? error })
}
