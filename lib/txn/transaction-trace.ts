import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import {
  isTraced,
  traced,
  traceEnd,
  type TraceMessages,
  traceStart,
  type TransactionOutcome,
} from '../log/trace-channels.ts'
import type { Clock } from '../util/clock.ts'
import type { TransactionState } from './transaction-table.ts'
import type { Transaction } from './transaction.ts'

type TracedLog = Pick<Log, 'directory' | 'flushedLSN'>

/** One transaction as the tracing channel `seawall:transaction` sees it. */
export class TransactionTrace {
  readonly #message: TraceMessages['transaction']
  readonly #log: TracedLog
  readonly #clock: Clock
  readonly #startedAtMs: number

  private constructor(log: TracedLog, form: 'callback' | 'explicit', clock: Clock) {
    this.#message = { directory: log.directory, form }
    this.#log = log
    this.#clock = clock
    this.#startedAtMs = clock.monotonicMs()
  }

  /** undefined when nobody listens: a transaction that is not traced pays for this call alone. */
  static of(
    log: TracedLog,
    form: 'callback' | 'explicit',
    clock: Clock,
  ): TransactionTrace | undefined {
    return isTraced('transaction') ? new TransactionTrace(log, form, clock) : undefined
  }

  /** The events around the whole of `engine.transaction`. */
  run<T>(run: () => Promise<T>): Promise<T> {
    return traced('transaction', this.#message, run)
  }

  /** The first events of a transaction that is begun by itself; `ended` has the others. */
  async begin(begin: () => Promise<Transaction>): Promise<Transaction> {
    traceStart('transaction', this.#message)
    try {
      return await begin()
    } catch (error) {
      this.#message.error = error
      this.#finish()
      throw error
    }
  }

  began(transactionId: number, readOnly: boolean): void {
    this.#message.transactionId = transactionId
    this.#message.readOnly = readOnly
  }

  /**
   * `commitLSN`: 0 when it wrote no commit. `error`: what ended it, when that was not its user.
   */
  ended(
    outcome: TransactionOutcome,
    { records }: TransactionState,
    commitLSN: LSN,
    error?: unknown,
  ): void {
    const message = this.#message
    message.outcome = outcome
    if (commitLSN !== noLSN) message.commitLSN = commitLSN
    message.flushedLSN = this.#log.flushedLSN
    message.records = records
    // The other form fails with what the call rejects with.
    if (error !== undefined && message.form === 'explicit') message.error = error
    this.#finish()
  }

  #finish(): void {
    this.#message.durationMs = this.#clock.monotonicMs() - this.#startedAtMs
    // `run` publishes the last events of the other form.
    if (this.#message.form === 'explicit') traceEnd('transaction', this.#message)
  }
}
