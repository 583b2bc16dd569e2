import { inspect } from 'node:util'

import { type CheckpointReport, Checkpointer } from '../checkpoint/checkpointer.ts'
import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import { pathOf } from '../log/arguments.ts'
import { announce } from '../log/channels.ts'
import { traced, type TraceMessages } from '../log/trace-channels.ts'
import type { RestartReport } from '../recovery/restart-report.ts'
import { LockTable } from '../txn/lock-table.ts'
import { Transaction } from '../txn/transaction.ts'
import { TransactionCounters } from '../txn/transaction-counters.ts'
import { TransactionTrace } from '../txn/transaction-trace.ts'
import type { TransactionOptions, TransactionServices } from '../txn/transaction-types.ts'
import {
  type EngineOptions,
  type ResolvedEngineOptions,
  resolveEngineOptions,
} from './engine-options.ts'
import type { EngineStats } from './engine-stats.ts'
import { type EngineParts, openEngine } from './open-engine.ts'
import { resolveTransactionOptions } from './transaction-options.ts'

// Transactions that wait for nothing (in memory, not durable at once) still let timers and I/O of
// the host have a turn after so many of them.
const transactionsPerTurn = 256

/**
 * Pages that are changed in transactions and survive a crash at any instant: a log, a data file, a
 * buffer pool, locks, checkpoints and ARIES recovery. One per directory; its methods may be called
 * in any order and any number at a time.
 */
export class Engine {
  /** The absolute path of the store. */
  readonly directory: string
  /** What opening the store found and did. */
  readonly recovery: RestartReport
  readonly #options: ResolvedEngineOptions
  readonly #parts: EngineParts
  readonly #locks: LockTable
  readonly #checkpointer: Checkpointer
  readonly #active = new Set<Transaction>()
  readonly #services: TransactionServices
  #failure: SeawallError | undefined
  #makingSpace: Promise<void> | undefined
  #isClosing = false
  #closing: Promise<void> | undefined
  #nextTransactionId = 1
  #lastCommitLSN: LSN = noLSN
  readonly #counters: TransactionCounters

  /**
   * Opens the store in `directory`, or creates it. After a crash it recovers first: committed
   * transactions are whole, all others gone. Takes time in proportion to the log since the last
   * checkpoint.
   *
   * @durability what recovery did survives a power cut when this resolves
   * @throws ERR_SEAWALL_INVALID_OPTION, ERR_SEAWALL_OPTION_MISMATCH, ERR_SEAWALL_NOT_A_STORE,
   * ERR_SEAWALL_CORRUPT_STORE, ERR_SEAWALL_LOG_MISMATCH, ERR_SEAWALL_UNKNOWN_OPERATION,
   * ERR_SEAWALL_OPERATION_FAILED, ERR_SEAWALL_REDO_MISMATCH, and what `Log.open` throws
   * @source lib/engine/open-engine.ts, lib/recovery/restart.ts
   */
  static async open(directory: string, options?: EngineOptions): Promise<Engine> {
    const resolved = resolveEngineOptions(options)
    const trace = { directory: pathOf(directory) }
    return traced('restart', trace, () => Engine.#open(trace, resolved))
  }

  static async #open(
    trace: TraceMessages['restart'],
    options: ResolvedEngineOptions,
  ): Promise<Engine> {
    let engine: Engine | undefined
    const parts = await openEngine(trace.directory, options, (error) =>
      engine === undefined ? undefined : engine.#fail(error),
    )
    engine = new Engine(parts, options)
    try {
      await engine.#checkpointAfterRestart()
      await engine.#giveUpLostPages()
    } catch (error) {
      await engine.#abandon()
      throw error
    }
    trace.restart = engine.recovery
    announce('restart', { directory: engine.directory, restart: engine.recovery })
    return engine
  }

  private constructor(parts: EngineParts, options: ResolvedEngineOptions) {
    this.directory = parts.log.directory
    this.recovery = parts.report
    this.#options = options
    this.#parts = parts
    const { log, file, pool, transactions } = parts
    this.#locks = new LockTable(options.clock)
    this.#counters = new TransactionCounters(options.clock)
    log.on('error', (error) => this.#fail(error))
    this.#checkpointer = new Checkpointer(
      log,
      file,
      pool,
      transactions,
      options,
      (report) => this.#checkpointed(report),
      (error) => this.#fail(error),
    )
    this.#services = {
      ...parts,
      locks: this.#locks,
      clock: options.clock,
      ended: (transaction, commitLSN) => this.#ended(transaction, commitLSN),
      failure: () => this.#failure,
      fail: (error) => this.#fail(error, 'a transaction could not be rolled back: '),
      lastCommitLSN: () => this.#lastCommitLSN,
      makeLogSpace: () => (parts.space.isCrowded ? this.#makeLogSpace() : undefined),
    }
  }

  /** Bytes of a page's body. */
  get pageBodyBytes(): number {
    return this.#parts.file.bodyBytes
  }

  /** Exclusive end of the durable log. */
  get flushedLSN(): LSN {
    return this.#parts.log.flushedLSN
  }

  /**
   * Runs `fn` in a transaction: commits when it returns, rolls back when it throws.
   *
   * @returns what `fn` returned
   * @durability `flush` (default): everything it changed survives a power cut when this resolves
   * @throws what `fn` threw; ERR_SEAWALL_DEADLOCK and ERR_SEAWALL_LOCK_TIMEOUT (try again),
   * ERR_SEAWALL_TRANSACTION_TIMEOUT, ERR_SEAWALL_ABORTED, ERR_SEAWALL_LOG_FULL,
   * ERR_SEAWALL_POISONED (the next open decides whether it happened), ERR_SEAWALL_CLOSED
   */
  transaction<T>(
    fn: (transaction: Transaction) => Promise<T> | T,
    options?: TransactionOptions,
  ): Promise<T> {
    const trace = TransactionTrace.of(this.#parts.log, 'callback', this.#options.clock)
    if (trace === undefined) return this.#transaction(fn, options)
    return trace.run(() => this.#transaction(fn, options, trace))
  }

  async #transaction<T>(
    fn: (transaction: Transaction) => Promise<T> | T,
    options: TransactionOptions | undefined,
    trace?: TransactionTrace,
  ): Promise<T> {
    const transaction = await this.#begin(options, trace)
    const mayBeKilled = options?.timeoutMs !== undefined || options?.signal !== undefined
    try {
      const running = fn(transaction)
      const result = mayBeKilled
        ? await Promise.race([running, transaction.whenKilled()])
        : await running
      await transaction.commit()
      return result
    } catch (error) {
      // When that fails the engine has failed: every later call says so.
      await transaction.rollback().catch(() => {})
      throw error
    }
  }

  /**
   * Begins a transaction that ends with its `commit` or `rollback`. Waits for a checkpoint when the
   * log is nearly full.
   *
   * @throws ERR_SEAWALL_INVALID_OPTION, ERR_SEAWALL_CLOSED, ERR_SEAWALL_POISONED,
   * ERR_SEAWALL_ABORTED
   */
  begin(options?: TransactionOptions): Promise<Transaction> {
    const trace = TransactionTrace.of(this.#parts.log, 'explicit', this.#options.clock)
    return trace === undefined
      ? this.#begin(options)
      : trace.begin(() => this.#begin(options, trace))
  }

  async #begin(
    options: TransactionOptions | undefined,
    trace?: TransactionTrace,
  ): Promise<Transaction> {
    const resolved = resolveTransactionOptions(options, this.#options)
    this.#throwIfUnusable()
    if (resolved.signal?.aborted === true) {
      throw new SeawallError('ERR_SEAWALL_ABORTED', { cause: resolved.signal.reason })
    }
    const mustYield = this.#nextTransactionId % transactionsPerTurn === 0
    const makingSpace = resolved.readOnly ? undefined : this.#services.makeLogSpace()
    if (makingSpace !== undefined) await makingSpace
    if (mustYield) await this.#options.clock.turn()
    this.#throwIfUnusable()
    const id = this.#nextTransactionId++
    trace?.began(id, resolved.readOnly)
    const beganAtMs = this.#options.clock.monotonicMs()
    const transaction = new Transaction(id, beganAtMs, this.#services, resolved, trace)
    this.#active.add(transaction)
    return transaction
  }

  /**
   * Takes a fuzzy checkpoint that begins after this call; writers go on. First the pages that were
   * dirty at the last one are written, with pauses that leave the drive to commits.
   *
   * @param options.immediate write every page that is dirty now, without pauses: a restart then has
   * next to nothing to redo. Default false.
   * @durability a restart begins with it when it resolves
   * @throws ERR_SEAWALL_CLOSED, ERR_SEAWALL_POISONED
   */
  async checkpoint(options: { immediate?: boolean } = {}): Promise<CheckpointReport> {
    this.#throwIfUnusable()
    const { immediate } = options
    const { endLSN } = this.#parts.log
    return immediate === true ? this.#checkpointer.takeUrgently(endLSN) : this.#checkpointer.take()
  }

  /**
   * Keeps the log from `lsn` on, for a reader or an archive, until the returned function is called.
   * It does not survive the engine. A held log can become full (ERR_SEAWALL_LOG_FULL, and
   * `stats().checkpoints.holder` is `hold`).
   */
  holdLog(lsn: LSN): () => void {
    return this.#checkpointer.hold(lsn)
  }

  /** Counters and state. */
  stats(): EngineStats {
    const { log, file, pool, transactions, space } = this.#parts
    const { redoLSN, holder } = this.#checkpointer
    const walBytes = log.endLSN - redoLSN
    return {
      open: !this.#isClosing,
      failed: this.#failure !== undefined,
      pageBytes: file.pageBytes,
      transactions: this.#counters.stats(this.#active.size, transactions),
      checkpoints: { ...this.#checkpointer.stats(), redoLSN, walBytes, holder },
      reservedLogBytes: space.reservedBytes,
      bufferPool: pool.stats(),
      pages: file.stats(),
      locks: this.#locks.stats(),
      log: log.stats(),
    }
  }

  /**
   * Rolls back what still runs, writes every page, takes a checkpoint with nothing in it (so that
   * the next open has nothing to do), and closes. Calls after the first share its promise.
   *
   * DEVIATION(ARIES 5.4): this last checkpoint is sharp.
   *
   * @throws ERR_SEAWALL_POISONED when the engine had failed; it is closed all the same
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** `await using engine = await Engine.open(…)`: the same as `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  [inspect.custom](): string {
    const state = this.#failure !== undefined ? 'failed' : this.#isClosing ? 'closed' : 'open'
    return `Engine { ${this.directory}, ${state}, ${this.#active.size} transactions }`
  }

  // An image is only logged for pages that were clean, and redo has made pages dirty without one: all
  // of them are written before images take over from doublewrite.
  // DEVIATION(ARIES 7): the only checkpoint of a restart; none is taken between its passes.
  async #checkpointAfterRestart(): Promise<void> {
    const { log, file } = this.#parts
    const { onProgress } = this.#options
    onProgress?.({
      phase: 'checkpoint',
      lsn: log.endLSN,
      records: 0,
      done: undefined,
      remainingMs: undefined,
    })
    if (this.#options.tornPages !== 'fullPageImages') {
      await this.#checkpointer.take()
      return
    }
    await this.#checkpointer.takeUrgently(log.endLSN)
    await file.stopDoublewrite()
  }

  // Moves the redo point to the end of the log, as far as running transactions let it. Whoever
  // still holds most of the log then is rolled back: it must not stop everyone else (H40). All who
  // wait for space share one attempt.
  #makeLogSpace(): Promise<void> {
    this.#makingSpace ??= this.#truncateLog().finally(() => {
      this.#makingSpace = undefined
    })
    return this.#makingSpace
  }

  async #truncateLog(): Promise<void> {
    const { log, space, transactions } = this.#parts
    await this.#checkpointer.takeUrgently(log.endLSN)
    await this.#giveUpLostPages()
    const oldest = transactions.oldest()
    if (!space.isCrowded || oldest === undefined) return
    const holder = [...this.#active].find((transaction) => transaction.state === oldest)
    holder?.kill(
      new SeawallError('ERR_SEAWALL_LOG_FULL', {
        detail: `this transaction has held the log since LSN ${oldest.firstLSN} and is rolled back`,
      }),
    )
    await holder?.rollback().catch(() => {})
    await this.#checkpointer.takeUrgently(log.endLSN)
  }

  // Lost pages keep the log as long as there is room for everyone else (H40), then the older half of
  // what they keep is let go. At the end of an open too: opens that nobody writes after fill it too.
  async #giveUpLostPages(): Promise<void> {
    const { log, space, pool } = this.#parts
    const { lost } = pool.dirtyPages
    const from = lost.oldest()?.recLSN
    if (!space.isCrowded || this.#checkpointer.holder !== 'damaged pages' || from === undefined) {
      return
    }
    lost.giveUpBefore((from + Math.ceil((log.endLSN - from) / 2)) as LSN)
    await this.#checkpointer.takeUrgently(log.endLSN)
  }

  #ended(transaction: Transaction, commitLSN: LSN): void {
    this.#active.delete(transaction)
    this.#parts.allocator.ended(transaction.state)
    this.#counters.ended(transaction, commitLSN)
    if (transaction.state.firstLSN === noLSN) return
    if (commitLSN !== noLSN) this.#lastCommitLSN = commitLSN
    this.#checkpointer.logHasGrown()
  }

  #checkpointed(report: CheckpointReport): void {
    this.#parts.space.logWasTruncated()
    announce('checkpoint', { directory: this.directory, checkpoint: report })
  }

  // Fail-stop (P5): what is on disk or in memory is not known any more. Reopening recovers.
  #fail(error: unknown, what = ''): void {
    if (this.#failure !== undefined || this.#isClosing) return
    const isPoison = error instanceof SeawallError && error.code === 'ERR_SEAWALL_POISONED'
    const detail = what + (error instanceof Error ? error.message : String(error))
    this.#failure = isPoison
      ? error
      : new SeawallError('ERR_SEAWALL_POISONED', { cause: error, detail })
    this.#locks.close(this.#failure)
  }

  #throwIfUnusable(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isClosing) throw new SeawallError('ERR_SEAWALL_CLOSED')
  }

  async #close(): Promise<void> {
    const { log, pool } = this.#parts
    this.#isClosing = true
    const closed = new SeawallError('ERR_SEAWALL_CLOSED')
    for (const transaction of this.#active) transaction.kill(closed)
    const ends = [...this.#active].map((transaction) => transaction.rollback())
    const rolledBack = await Promise.allSettled(ends)
    const stuck = rolledBack.find((end) => end.status === 'rejected')
    let failure: unknown = this.#failure ?? stuck?.reason
    try {
      await this.#checkpointer.stop()
      if (failure === undefined) await this.#checkpointer.takeUrgently(log.endLSN)
    } catch (error) {
      failure = error
    }
    await pool.stop()
    await log.close().catch((error: unknown) => (failure ??= error))
    for (const transaction of this.#active) transaction.letGo()
    if (failure !== undefined) throw failure
  }

  // Opening came to nothing: leaves everything as a crash would.
  async #abandon(): Promise<void> {
    this.#isClosing = true
    await this.#checkpointer.stop()
    await this.#parts.pool.stop()
    await this.#parts.log.close().catch(() => {})
  }
}
