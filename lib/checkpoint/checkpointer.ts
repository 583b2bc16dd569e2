import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { PageFile } from '../buffer/page-file.ts'
import { type CheckpointEnd, noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import { traced, type TraceMessages } from '../log/trace-channels.ts'
import type { TransactionTable } from '../txn/transaction-table.ts'
import { type Clock, systemClock, type Timer } from '../util/clock.ts'
import { DurationHistogram, type DurationStats } from '../util/duration-histogram.ts'
import { redoLSNOf, takeFuzzyCheckpoint } from './fuzzy-checkpoint.ts'
import { holderOf, type LogHolder, type LogNeeds, oldestNeededLSN } from './retention.ts'

/** What a checkpoint did. */
export interface CheckpointReport {
  /** Its begin record. */
  readonly checkpointLSN: LSN
  /** Where the redo of a restart would begin. */
  readonly redoLSN: LSN
  /** The log now begins here. */
  readonly oldestLSN: LSN
  /** Pages that were newer in memory than on disk. */
  readonly dirtyPages: number
  /** Transactions that had written and ran. */
  readonly transactions: number
  /** What it took, the writing of pages included. */
  readonly durationMs: number
}

/** Why a checkpoint began: `checkpointTimeoutMs`, `maxWalBytes`, or somebody who waits for it. */
export type CheckpointCause = 'time' | 'log' | 'request'

export interface CheckpointStats {
  /** Counter: checkpoints completed. */
  readonly count: number
  /** Counter: those that began because `checkpointTimeoutMs` had passed. */
  readonly byTime: number
  /** Counter: those that began because half of `maxWalBytes` was written. */
  readonly byLogBytes: number
  /** Gauge: one is under way. */
  readonly running: boolean
  /** Gauge, milliseconds: since the last one was complete; undefined: there was none. */
  readonly sinceLastMs: number | undefined
  /** How long they took, with the pauses that leave the drive to commits. */
  readonly duration: DurationStats
}

export interface CheckpointerOptions {
  /** A checkpoint is due after half as many bytes of log, so that a restart needs about so many. */
  readonly maxWalBytes: number
  /** A checkpoint is due after so many milliseconds, when something was written meanwhile. */
  readonly checkpointTimeoutMs: number
  readonly clock?: Clock
}

/** Takes checkpoints when they are due, one at a time, and lets go of the log behind them. */
export class Checkpointer {
  readonly #log: Log
  readonly #file: PageFile
  readonly #pool: BufferPool
  readonly #transactions: TransactionTable
  readonly #intervalBytes: number
  readonly #onDone: (report: CheckpointReport) => void
  readonly #onFailure: (error: unknown) => void
  readonly #holds = new Map<symbol, LSN>()
  readonly #clock: Clock
  readonly #periodMs: number
  #timer: Timer
  #last: CheckpointEnd | undefined
  #lastEndLSN: LSN = noLSN
  #running: Promise<CheckpointReport> | undefined
  readonly #counts = { time: 0, log: 0, request: 0 }
  readonly #durations = new DurationHistogram()
  #lastDoneMs: number | undefined

  constructor(
    log: Log,
    file: PageFile,
    pool: BufferPool,
    transactions: TransactionTable,
    options: CheckpointerOptions,
    onDone: (report: CheckpointReport) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#log = log
    this.#file = file
    this.#pool = pool
    this.#transactions = transactions
    this.#intervalBytes = Math.floor(options.maxWalBytes / 2)
    this.#onDone = onDone
    this.#onFailure = onFailure
    this.#clock = options.clock ?? systemClock
    this.#periodMs = options.checkpointTimeoutMs
    this.#timer = this.#startTimer()
  }

  stats(): CheckpointStats {
    const { time, log, request } = this.#counts
    const done = this.#lastDoneMs
    return {
      count: time + log + request,
      byTime: time,
      byLogBytes: log,
      running: this.#running !== undefined,
      sinceLastMs: done === undefined ? undefined : this.#clock.monotonicMs() - done,
      duration: this.#durations.stats(),
    }
  }

  /** Where the redo of a restart would begin now. */
  get redoLSN(): LSN {
    const needs = this.#needs()
    return needs?.redoLSN ?? needs?.checkpointLSN ?? this.#log.oldestLSN
  }

  /** Who keeps the log from being recycled further. */
  get holder(): LogHolder {
    const needs = this.#needs()
    return needs === undefined ? 'checkpoint' : holderOf(needs)
  }

  /** The log has grown: begins a checkpoint in the background when one is due. */
  logHasGrown(): void {
    const since = this.#last?.beginLSN ?? noLSN
    if (this.#log.endLSN - since < this.#intervalBytes || this.#running !== undefined) return
    this.#inBackground('log')
  }

  /**
   * A checkpoint that begins after this call. Pages that became dirty before the last one are
   * written first, with pauses, so that the redo point moves on.
   */
  take(cause: CheckpointCause = 'request'): Promise<CheckpointReport> {
    return this.#next(cause, () => this.#run(cause, this.#last?.beginLSN ?? noLSN, false))
  }

  /** The same without pauses, and with every page that became dirty before `lsn`. */
  takeUrgently(lsn: LSN): Promise<CheckpointReport> {
    if (this.#running !== undefined) this.#pool.writer.hurry()
    return this.#next('request', () => this.#run('request', lsn, true))
  }

  async #next(
    cause: CheckpointCause,
    run: () => Promise<CheckpointReport>,
  ): Promise<CheckpointReport> {
    while (this.#running !== undefined) await this.#running.catch(() => {})
    this.#running = this.#traced(cause, run).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Keeps the log from `lsn` on until the returned function is called. */
  hold(lsn: LSN): () => void {
    const key = Symbol('hold')
    this.#holds.set(key, lsn)
    return () => this.#holds.delete(key)
  }

  /** No checkpoint begins by itself any more; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#timer.cancel()
    if (this.#running !== undefined) this.#pool.writer.hurry()
    await this.#running?.catch(() => {})
  }

  #traced(cause: CheckpointCause, run: () => Promise<CheckpointReport>): Promise<CheckpointReport> {
    const message: TraceMessages['checkpoint'] = { directory: this.#log.directory, cause }
    return traced('checkpoint', message, async () => (message.checkpoint = await run()))
  }

  async #run(
    cause: CheckpointCause,
    writesBefore: LSN,
    isUrgent: boolean,
  ): Promise<CheckpointReport> {
    const startedAt = this.#clock.monotonicMs()
    await this.#pool.writer.writeBefore(writesBefore, isUrgent)
    const last = await takeFuzzyCheckpoint(
      this.#log,
      this.#transactions,
      this.#pool.dirtyPages,
      this.#file.filePages,
      this.#clock.wallMs(),
    )
    this.#last = last
    this.#lastEndLSN = this.#log.endLSN
    const oldestLSN = await this.#log.truncateBefore(oldestNeededLSN(this.#needs() as LogNeeds))
    this.#lastDoneMs = this.#clock.monotonicMs()
    const durationMs = this.#lastDoneMs - startedAt
    this.#durations.add(durationMs)
    this.#counts[cause] += 1
    const report: CheckpointReport = {
      checkpointLSN: last.beginLSN,
      redoLSN: redoLSNOf(last.pages) ?? last.beginLSN,
      oldestLSN,
      dirtyPages: last.pages.length,
      transactions: last.transactions.length,
      durationMs,
    }
    this.#onDone(report)
    return report
  }

  #needs(): LogNeeds | undefined {
    if (this.#last === undefined) return undefined
    const { beginLSN, pages, transactions } = this.#last
    return {
      checkpointLSN: beginLSN,
      redoLSN: redoLSNOf(pages),
      lostLSN: this.#pool.dirtyPages.lost.oldest()?.recLSN,
      oldestTransactionLSN: transactions[0]?.transactionLSN,
      holds: this.#holds.values(),
    }
  }

  #startTimer(): Timer {
    return this.#clock.after(this.#periodMs, false, () => {
      this.#timer = this.#startTimer()
      this.#timeIsUp()
    })
  }

  #timeIsUp(): void {
    if (this.#log.endLSN > this.#lastEndLSN && this.#running === undefined)
      this.#inBackground('time')
  }

  #inBackground(cause: CheckpointCause): void {
    this.take(cause).catch((error: unknown) => this.#onFailure(error))
  }
}
