import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { PageActions } from '../operation/page-actions.ts'
import { changedRange, encodeWriteBytes, writeBytesOperation } from '../operation/write-bytes.ts'
import type { Timer } from '../util/clock.ts'
import { show } from '../util/show.ts'
import { innerActionRuns, runNestedTopAction } from './action-scope.ts'
import { type LockKey, type LockMode, LockOwner } from './lock-table.ts'
import { checkPageId, HeldPages, Page } from './page.ts'
import { SlottedRecords } from './slotted-records.ts'
import { checkMode, invalid } from './transaction-arguments.ts'
import { TransactionState } from './transaction-table.ts'
import type { TransactionTrace } from './transaction-trace.ts'
import type {
  ChangeCoverage,
  PageOptions,
  ResolvedTransactionOptions,
  Savepoint,
  TransactionPhase,
  TransactionServices,
} from './transaction-types.ts'

// A transaction on pages in memory never waits, so timers and I/O of the host get a turn after so
// many pages.
const pagesPerTurn = 512

/**
 * Changes of pages that happen together or not at all. Made by `engine.begin` and
 * `engine.transaction`. Strict two-phase locking: what it has locked stays locked until its commit
 * is in the log, or until it is rolled back. Methods may be called while others run, except between
 * the beginning and the end of a rollback, a commit or a nested top action.
 */
export class Transaction {
  /** Rises from one transaction to the next within this process; for messages. */
  readonly id: number
  /** @internal */
  readonly state: TransactionState
  readonly #services: TransactionServices
  readonly #trace: TransactionTrace | undefined
  readonly #options: ResolvedTransactionOptions
  readonly #owner: LockOwner
  readonly #held: HeldPages
  readonly #lockWait: { timeoutMs: number; signal: AbortSignal | undefined }
  #phase: TransactionPhase = 'active'
  #pagesAsked = 0
  /** Settles when the nested top action that runs is over. */
  #inner: Promise<unknown> | undefined
  #doom: unknown
  #timer: Timer | undefined
  #rollback: Promise<void> | undefined
  #onDoom: ((error: unknown) => void) | undefined
  #records: SlottedRecords | undefined
  #onAbort: (() => void) | undefined

  /** @internal */
  constructor(
    id: number,
    beganAtMs: number,
    services: TransactionServices,
    options: ResolvedTransactionOptions,
    trace?: TransactionTrace,
  ) {
    this.id = id
    this.#trace = trace
    this.state = new TransactionState(beganAtMs)
    this.#services = services
    this.#options = options
    this.#owner = new LockOwner(id)
    this.#held = new HeldPages(services.pool)
    this.#lockWait = { timeoutMs: options.lockTimeoutMs, signal: options.signal }
    const { timeoutMs, signal } = options
    if (timeoutMs !== undefined) {
      const expired = new SeawallError('ERR_SEAWALL_TRANSACTION_TIMEOUT', {
        detail: `${timeoutMs} ms`,
      })
      this.#timer = services.clock.after(timeoutMs, true, () => this.kill(expired))
    }
    if (signal === undefined) return
    this.#onAbort = (): void => this.kill(this.#aborted())
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Insert, update, delete and read of records in slotted pages. */
  get records(): SlottedRecords {
    return (this.#records ??= new SlottedRecords(this))
  }

  /** What it is at. `active` is the only one in which it takes calls. */
  get phase(): TransactionPhase {
    return this.#phase
  }

  /** Begun with `readOnly`. */
  get isReadOnly(): boolean {
    return this.#options.readOnly
  }

  /**
   * Locks `key` until the end of the transaction. Waits while others hold it in a mode that does
   * not go with `mode`.
   *
   * @param mode IS, IX, S, SIX or X. Default X, in a read-only transaction S.
   * @throws ERR_SEAWALL_DEADLOCK, ERR_SEAWALL_LOCK_TIMEOUT, ERR_SEAWALL_ABORTED: roll back and try
   * again; ERR_SEAWALL_TRANSACTION_ENDED
   * @source lib/txn/lock-table.ts
   */
  async lock(key: string, mode: LockMode = this.#defaultMode()): Promise<void> {
    this.#check()
    if (typeof key !== 'string') throw invalid(`a key must be a string, not ${show(key)}`)
    checkMode(mode)
    await this.#lock(key, mode)
  }

  /**
   * The page, locked, and held in memory until the end of the transaction or `page.release()`.
   *
   * @throws as `lock`; ERR_SEAWALL_UNKNOWN_PAGE, ERR_SEAWALL_DAMAGED_PAGE,
   * ERR_SEAWALL_PAGE_AHEAD_OF_LOG, ERR_SEAWALL_BUFFER_POOL_FULL, ERR_SEAWALL_IO
   */
  async page(pageId: number, options?: PageOptions): Promise<Page> {
    this.#check()
    checkPageId(pageId)
    const mode = options?.lock ?? this.#defaultMode()
    if (mode !== 'none') {
      checkMode(mode)
      const waiting = this.#lock(pageId, mode)
      if (waiting !== undefined) await waiting
    }
    const held = this.#held.hold(pageId)
    const page = held instanceof Promise ? await held : held
    this.#pagesAsked += 1
    if (this.#pagesAsked % pagesPerTurn === 0) await this.#services.clock.turn()
    const makingSpace = this.#options.readOnly ? undefined : this.#services.makeLogSpace()
    if (makingSpace !== undefined) await makingSpace
    this.#check()
    return page
  }

  /**
   * Writes `bytes` at `offset` of the page's body. A synchronous step; only the bytes that differ
   * are logged, nothing when none do.
   *
   * @returns the LSN of the record; undefined when nothing differed
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_OUTSIDE_PAGE, ERR_SEAWALL_NOT_LOCKED,
   * ERR_SEAWALL_LOG_FULL, ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_TRANSACTION_ENDED,
   * ERR_SEAWALL_READ_ONLY, ERR_SEAWALL_POISONED; nothing was changed
   */
  write(page: Page, offset: number, bytes: Uint8Array, coverage?: ChangeCoverage): LSN | undefined {
    this.#checkChange(page, coverage)
    if (!(bytes instanceof Uint8Array)) throw invalid(`bytes: ${show(bytes)}`)
    const { body } = page.frame
    const fits = Number.isInteger(offset) && offset >= 0 && offset + bytes.length <= body.length
    if (!fits) {
      const detail = `${bytes.length} bytes at ${show(offset)}, the body has ${body.length}`
      throw new SeawallError('ERR_SEAWALL_OUTSIDE_PAGE', { page: page.id, detail })
    }
    const range = changedRange(body, offset, bytes)
    if (range.length === 0) return undefined
    const payload = encodeWriteBytes(body, offset, bytes, range)
    return this.#services.changes.update(this.state, page.frame, writeBytesOperation, payload)
  }

  /**
   * Applies an operation: logs it and runs its redo. A synchronous step.
   *
   * @throws as `write`; ERR_SEAWALL_UNKNOWN_OPERATION, ERR_SEAWALL_OPERATION_FAILED
   */
  apply(page: Page, operation: number, payload: Uint8Array, coverage?: ChangeCoverage): LSN {
    this.#checkChange(page, coverage)
    if (!(payload instanceof Uint8Array)) throw invalid(`payload: ${show(payload)}`)
    return this.#services.changes.update(this.state, page.frame, operation, payload)
  }

  /** A new, empty page, locked X. @throws as `page`; ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_LOG_FULL */
  async allocatePage(): Promise<Page> {
    this.#checkWritable()
    await this.#services.makeLogSpace()
    this.#checkWritable()
    const tryLock = (pageId: number): boolean => this.#tryLock(pageId, 'X')
    const frame = await this.#services.allocator.allocate(this.state, tryLock)
    return this.#held.take(frame)
  }

  /**
   * Gives the page back once the transaction is committed. Needs its X lock. Waits for the
   * allocation map when it is not in memory.
   *
   * @throws as `write`, and as `page` for the map
   */
  async freePage(page: Page): Promise<void> {
    this.#checkChange(page, undefined)
    await this.#services.allocator.free(this.state, page.frame)
  }

  /**
   * Runs `action`; what it changes stays when this transaction is rolled back later: for changes of
   * structure (a page split) that others may build upon at once. When `action` throws, its changes
   * are undone. Until it is over this transaction takes no other calls.
   *
   * @durability none yet: durable with the next flush of the log
   * @throws what `action` threw; ERR_SEAWALL_TRANSACTION_ENDED, ERR_SEAWALL_READ_ONLY,
   * ERR_SEAWALL_POISONED
   * @source ARIES section 9, lib/txn/action-scope.ts
   */
  async nestedTopAction<T>(action: (actions: PageActions) => Promise<T>): Promise<T> {
    this.#checkWritable()
    // IX: a page that it allocates is everybody's when the action is over, as its changes are.
    const tryLock = (pageId: number): boolean => this.#tryLock(pageId, 'IX')
    // Noted before the first step of the action runs.
    const running = Promise.resolve().then(() =>
      runNestedTopAction(this.#services, this.state, tryLock, action),
    )
    this.#inner = running
    try {
      return await running
    } finally {
      this.#inner = undefined
    }
  }

  /** A place to roll back to; costs nothing. @throws ERR_SEAWALL_TRANSACTION_ENDED */
  savepoint(): Savepoint {
    this.#check()
    return { transaction: this, lsn: this.state.lastLSN }
  }

  /**
   * Undoes everything since `savepoint`; locks stay. The savepoint can be used again. When it fails
   * the engine has failed.
   *
   * @throws ERR_SEAWALL_INVALID_ARGUMENT for a savepoint of another transaction,
   * ERR_SEAWALL_TRANSACTION_ENDED, and what an undo threw
   */
  async rollbackTo(savepoint: Savepoint): Promise<void> {
    this.#check()
    if (savepoint?.transaction !== this) throw invalid('a savepoint of another transaction')
    this.#phase = 'rolling back'
    try {
      await this.#services.undo().backTo(this.state, savepoint.lsn)
      this.#phase = 'active'
    } catch (error) {
      this.#services.fail(error)
      await this.#startRollback().catch(() => {})
      throw error
    }
    if (this.#doom !== undefined) await this.#startRollback()
  }

  /**
   * Ends the transaction. Others see its changes as soon as the commit is in the log; whoever acts
   * on what it saw and commits with `flush` is acknowledged after this one is durable.
   *
   * DEVIATION(ARIES 5.3): locks are free before the commit record is durable (early lock release).
   *
   * @durability `flush`: everything survives a power cut when it resolves. When it rejects with
   * ERR_SEAWALL_POISONED, the next open decides.
   * @throws ERR_SEAWALL_TRANSACTION_ENDED, ERR_SEAWALL_POISONED, ERR_SEAWALL_NO_SPACE (it goes on, and
   * can be rolled back), and what ended the transaction
   */
  async commit(): Promise<void> {
    this.#check()
    const { durability } = this.#options
    const { log, changes } = this.#services
    const hasWritten = this.state.firstLSN !== noLSN
    const lsn = hasWritten ? changes.commit(this.state) : this.#services.lastCommitLSN()
    this.#phase = 'committing'
    this.#end(hasWritten ? lsn : noLSN)
    this.#phase = 'committed'
    try {
      if (durability === 'flush' && lsn >= log.flushedLSN) await log.flush(lsn)
    } catch (error) {
      this.#trace?.ended('unknown', this.state, lsn, error)
      throw error
    }
    this.#trace?.ended('committed', this.state, hasWritten ? lsn : noLSN)
  }

  /**
   * Undoes everything and ends the transaction. After a commit it does nothing. Idempotent. When it
   * fails the engine has failed, and the next open rolls back.
   *
   * @throws what an undo threw, ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_POISONED
   */
  rollback(): Promise<void> {
    if (this.#rollback !== undefined) return this.#rollback
    if (this.#phase !== 'active') return Promise.resolve()
    return this.#startRollback()
  }

  /** `await using tx = await engine.begin()`: rolls back when it was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.rollback()
  }

  /** @internal What ended the transaction from outside. */
  get doom(): unknown {
    return this.#doom
  }

  /** @internal Ends the transaction from outside: what it waits for and calls later fails. */
  kill(error: unknown): void {
    if (this.#doom !== undefined || this.#phase === 'committed' || this.#phase === 'rolled back') {
      return
    }
    this.#doom = error
    this.#services.locks.cancel(this.#owner, error)
    this.#onDoom?.(error)
    if (this.#phase !== 'active') return
    // What goes wrong with it is reported to the engine.
    this.#startRollback().catch(() => {})
  }

  /** @internal The engine is closed: what a rollback that failed still holds is let go. */
  letGo(): void {
    this.#held.releaseAll()
    this.#services.locks.releaseAll(this.#owner)
  }

  /** @internal Rejects when the transaction is ended from outside. */
  whenKilled(): Promise<never> {
    return new Promise((_, reject) => {
      this.#onDoom = reject
      if (this.#doom !== undefined) reject(this.#doom)
    })
  }

  #startRollback(): Promise<void> {
    this.#rollback ??= this.#rollBack()
    return this.#rollback
  }

  async #rollBack(): Promise<void> {
    this.#phase = 'rolling back'
    try {
      // An action is undone whole or not at all, so it comes to its end first.
      await this.#inner?.catch(() => {})
      if (this.state.firstLSN !== noLSN) {
        await this.#services.undo().backTo(this.state, noLSN)
        this.#services.changes.end(this.state)
      }
      this.#end(noLSN)
      this.#trace?.ended('rolledBack', this.state, noLSN, this.#doom)
    } catch (error) {
      // Half undone: its locks stay, and what it freed stays out of reach. Somebody who is still
      // at work would build on what the next restart is going to undo.
      this.#endWatches()
      this.#services.fail(error)
      this.#trace?.ended('unknown', this.state, noLSN, error)
      throw error
    } finally {
      this.#phase = 'rolled back'
    }
  }

  #end(commitLSN: LSN): void {
    this.state.isOver = true
    this.#endWatches()
    this.#services.ended(this, commitLSN)
    this.letGo()
  }

  #endWatches(): void {
    this.#timer?.cancel()
    if (this.#onAbort === undefined) return
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
  }

  #defaultMode(): LockMode {
    return this.#options.readOnly ? 'S' : 'X'
  }

  #lock(key: LockKey, mode: LockMode): Promise<void> | undefined {
    return this.#services.locks.acquire(this.#owner, key, mode, this.#lockWait)
  }

  #tryLock(pageId: number, mode: LockMode): boolean {
    return this.#services.locks.tryAcquire(this.#owner, pageId, mode)
  }

  #aborted(): SeawallError {
    return new SeawallError('ERR_SEAWALL_ABORTED', { cause: this.#options.signal?.reason })
  }

  #check(): void {
    if (this.#doom !== undefined) throw this.#doom
    if (this.#phase !== 'active') throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED')
    if (this.#inner !== undefined) throw innerActionRuns()
    // What is in memory may be of a transaction that could not be rolled back.
    const failure = this.#services.failure()
    if (failure !== undefined) throw failure
  }

  #checkWritable(): void {
    this.#check()
    if (this.#options.readOnly) {
      throw new SeawallError('ERR_SEAWALL_READ_ONLY', { detail: 'the transaction is read-only' })
    }
  }

  // Whoever changes something holds a lock on it to the end: nobody else's bytes are ever undone
  // (H34).
  #checkChange(page: Page, coverage: ChangeCoverage | undefined): void {
    this.#checkWritable()
    if (!(page instanceof Page)) throw invalid(`not a page: ${show(page)}`)
    const { locks } = this.#services
    const key = coverage?.key ?? page.id
    if (locks.covers(this.#owner, key, 'X') && locks.covers(this.#owner, page.id, 'IX')) return
    throw new SeawallError('ERR_SEAWALL_NOT_LOCKED', {
      page: page.id,
      detail:
        typeof key === 'string' ? `X on key ${show(key)} and IX on the page` : 'X on the page',
    })
  }
}
