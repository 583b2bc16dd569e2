import type { LSN } from '../format/lsn.ts'
import type { Clock, Timer } from '../util/clock.ts'
import { DurationHistogram } from '../util/duration-histogram.ts'
import type { AppendBuffer } from './append-buffer.ts'
import { FlushWaiters } from './flush-waiters.ts'
import type { LogStats } from './log-stats.ts'
import { TailWaiters } from './tail-waiters.ts'

/**
 * Decides when JavaScript tells the writer about new records, and keeps those who wait for them.
 *
 * Once per turn of the microtask queue when somebody waits: everyone who commits in the same turn
 * shares one native call.
 * Within `writerDelayMs` when nobody does.
 */
export class FlushScheduler {
  /** Undefined when the log is read-only. */
  readonly #buffer: AppendBuffer | undefined
  readonly #flushedLSN: () => LSN
  readonly #writerDelayMs: number
  readonly #clock: Clock
  readonly #waiters = new FlushWaiters()
  readonly #tailWaiters = new TailWaiters()
  #publishIsScheduled = false
  #timer: Timer | undefined
  #isStopped = false
  readonly #waits = new DurationHistogram()
  /** What is measured now began then, and is over when this is durable; 0: nothing is. */
  #measuredLSN = 0
  #measuredFromMs = 0

  constructor(
    buffer: AppendBuffer | undefined,
    flushedLSN: () => LSN,
    writerDelayMs: number,
    clock: Clock,
  ) {
    this.#buffer = buffer
    this.#flushedLSN = flushedLSN
    this.#writerDelayMs = writerDelayMs
    this.#clock = clock
  }

  /** Commits and flushes that wait. */
  get waiterCount(): number {
    return this.#waiters.count
  }

  stats(): Pick<LogStats, 'waiters' | 'flushWait'> {
    return { waiters: this.#waiters.count, flushWait: this.#waits.stats() }
  }

  /** Something was appended that nobody waits for yet. */
  appended(): void {
    if (this.#timer === undefined) this.#startTimer()
  }

  /** Resolves with `lsn` once the record at `lsn` is durable. */
  waitFor(lsn: LSN): Promise<LSN> {
    const promise = this.#waiters.add(lsn)
    if (!this.#publishIsScheduled) {
      this.#publishIsScheduled = true
      queueMicrotask(() => this.publish())
    }
    return promise
  }

  /** Resolves with true once the durable end has moved beyond `lsn`, with false at `stop`. */
  waitBeyond(lsn: LSN): Promise<boolean> {
    const promise = this.#tailWaiters.add(lsn)
    this.publish()
    return promise
  }

  /** Tells the writer about everything appended and who waits for it. */
  publish(): void {
    this.#publishIsScheduled = false
    if (this.#isStopped || this.#buffer === undefined) return
    try {
      this.#measure()
      const allDurable = this.#buffer.publish(this.#waiters.count + this.#tailWaiters.count)
      if (allDurable) this.settle()
    } catch (error) {
      // Only padding can fail here: for want of space, or because the log was poisoned.
      this.#waiters.rejectAll(error)
    }
  }

  /** Settles everyone whose record is durable. True when others still wait. */
  settle(): boolean {
    const flushedLSN = this.#flushedLSN()
    if (this.#measuredLSN !== 0 && flushedLSN >= this.#measuredLSN) this.#measured()
    this.#waiters.settle(flushedLSN)
    this.#tailWaiters.wake(flushedLSN)
    return this.#waiters.count + this.#tailWaiters.count > 0
  }

  /** Tells the writer, and blocks until everything is durable. */
  flushSync(): void {
    const fromMs = this.#clock.monotonicMs()
    this.#buffer?.flushSync()
    this.#waits.add(this.#clock.monotonicMs() - fromMs)
  }

  /** Publishes nothing any more; live readers end. Those who wait for records go on waiting. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#tailWaiters.end()
  }

  /** Settles who can be settled and rejects everyone else. */
  fail(error: unknown): void {
    this.settle()
    this.#waiters.rejectAll(error)
    this.#tailWaiters.end()
  }

  // One wait at a time, so that it costs the same however many commits there are.
  #measure(): void {
    const buffer = this.#buffer
    if (this.#measuredLSN !== 0 || this.#waiters.count === 0 || buffer === undefined) return
    this.#measuredLSN = buffer.endLSN
    this.#measuredFromMs = this.#clock.monotonicMs()
  }

  #measured(): void {
    this.#waits.add(this.#clock.monotonicMs() - this.#measuredFromMs)
    this.#measuredLSN = 0
  }

  #startTimer(): void {
    this.#timer = this.#clock.after(this.#writerDelayMs, false, () => {
      this.#timer = undefined
      if (this.#buffer?.hasUnpublished === true) this.publish()
    })
  }
}
