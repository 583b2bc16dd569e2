import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Clock } from '../util/clock.ts'
import { DurationHistogram, type DurationStats } from '../util/duration-histogram.ts'
import type { TransactionState, TransactionTable } from './transaction-table.ts'
import type { Transaction } from './transaction.ts'

export interface TransactionStats {
  /** Gauge: begun and not ended, read-only ones included. */
  readonly active: number
  /** Counter: those that had written and were committed. */
  readonly committed: number
  /** Counter: those that had written and were rolled back, for whatever reason. */
  readonly rolledBack: number
  /** Counter: those that ended without having written anything, either way. */
  readonly withoutWrites: number
  /** Counter: those that ran longer than `timeoutMs`. */
  readonly timeouts: number
  /** Counter: those that were rolled back because they held a log that was full. */
  readonly endedForLogSpace: number
  /** Gauge, LSN: first record of the oldest one that has written: it keeps the log from here on. */
  readonly oldestLSN: number | undefined
  /** Gauge, milliseconds: since that one began. */
  readonly oldestAgeMs: number | undefined
  /**
   * From begin until the locks are free, without the wait for the flush. Every eighth transaction
   * is measured.
   */
  readonly duration: DurationStats
}

// A look at the clock costs a short transaction two hundredths of its time.
const measuredPart = 8

/** Counts how transactions end. */
export class TransactionCounters {
  readonly #clock: Clock
  readonly #durations = new DurationHistogram()
  #committed = 0
  #rolledBack = 0
  #withoutWrites = 0
  #timeouts = 0
  #endedForLogSpace = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `commitLSN`: 0 when it wrote no commit. */
  ended(transaction: Transaction, commitLSN: LSN): void {
    const { id, state } = transaction
    if (id % measuredPart === 0) this.#durations.add(this.#clock.monotonicMs() - state.beganAtMs)
    if (state.firstLSN === noLSN) this.#withoutWrites += 1
    else if (commitLSN === noLSN) this.#rolledBack += 1
    else this.#committed += 1
    if (transaction.doom !== undefined) this.#killed(transaction.doom)
  }

  #killed(error: unknown): void {
    if (!(error instanceof SeawallError)) return
    if (error.code === 'ERR_SEAWALL_TRANSACTION_TIMEOUT') this.#timeouts += 1
    else if (error.code === 'ERR_SEAWALL_LOG_FULL') this.#endedForLogSpace += 1
  }

  stats(active: number, table: TransactionTable): TransactionStats {
    const oldest: TransactionState | undefined = table.oldest()
    return {
      active,
      committed: this.#committed,
      rolledBack: this.#rolledBack,
      withoutWrites: this.#withoutWrites,
      timeouts: this.#timeouts,
      endedForLogSpace: this.#endedForLogSpace,
      oldestLSN: oldest?.firstLSN,
      oldestAgeMs: oldest === undefined ? undefined : this.#clock.monotonicMs() - oldest.beganAtMs,
      duration: this.#durations.stats(),
    }
  }
}
