import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'

import { SeawallError } from '../errors.ts'
import { lsnMax } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import {
  controlIndex,
  type NativeBinding,
  type NativeError,
  nativeEvent,
} from '../native/binding.ts'
import { loadBinding } from '../native/load.ts'
import { toPoisonedError } from '../native/map-error.ts'
import { type LogOptions, type ResolvedLogOptions, resolveLogOptions } from '../options.ts'
import { AppendBuffer, noAppends } from './append-buffer.ts'
import { announce } from './channels.ts'
import { bytesOf, checkedType, checkLSN, durabilityOf, pathOf } from './arguments.ts'
import { FlushScheduler } from './flush-scheduler.ts'
import { completed, exposeInternals, internalsOf, readRecord } from './log-internals.ts'
import { LogScan, type ReadOptions } from './log-scan.ts'
import type { LogStats } from './log-stats.ts'
import type { AppendOptions, Body, CommitOptions, LogEvents } from './log-types.ts'
import { openNative, type OpenedLog } from './open-native.ts'
import { orAborted } from './or-aborted.ts'
import type { LogRecord } from './record-batch.ts'
import type { RecoveryReport } from './recovery-report.ts'
import { traced, type TraceMessages } from './trace-channels.ts'

type State = 'open' | 'closing' | 'closed'

/**
 * A durable, append-only log of records in a directory. One handle per directory and process; its
 * methods may be called in any order and any number at a time.
 */
export class Log extends EventEmitter<LogEvents> {
  /** The absolute path of the log. */
  readonly directory: string
  /** What opening found and decided. */
  readonly recovery: RecoveryReport
  readonly #options: ResolvedLogOptions
  readonly #binding: NativeBinding
  readonly #handle: number
  readonly #control: Float64Array
  /** Undefined when read-only. */
  readonly #buffer: AppendBuffer | undefined
  readonly #maxRecordBytes: number
  readonly #scheduler: FlushScheduler
  #state: State = 'open'
  #poison: SeawallError | undefined
  #closing: Promise<void> | undefined
  #lastLSN: LSN
  #finalStats: LogStats | undefined

  /**
   * Opens the log in `directory`, or creates it: the last part of the path is made if it is
   * missing. Recovers first if the log was not closed; runs off the event loop, takes time in
   * proportion to what was written since the last segment began.
   *
   * @durability everything that `recovery` reports as kept is durable when this resolves
   * @throws ERR_SEAWALL_INVALID_OPTION, ERR_SEAWALL_OPTION_MISMATCH, ERR_SEAWALL_NOT_FOUND,
   * ERR_SEAWALL_PERMISSION, ERR_SEAWALL_NOT_A_LOG, ERR_SEAWALL_LOCKED,
   * ERR_SEAWALL_UNSUPPORTED_FORMAT, ERR_SEAWALL_CORRUPT_LOG, ERR_SEAWALL_LOG_MISMATCH,
   * ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_LOG_FULL, ERR_SEAWALL_IO_URING_UNAVAILABLE,
   * ERR_SEAWALL_DIRECT_IO_UNAVAILABLE, ERR_SEAWALL_BINDING_UNAVAILABLE, ERR_SEAWALL_IO
   * @source native/log/log_open.cc, native/log/recovery.cc
   */
  static async open(directory: string, options?: LogOptions): Promise<Log> {
    const resolved = resolveLogOptions(options)
    const trace = { directory: pathOf(directory), readOnly: resolved.readOnly }
    return traced('recovery', trace, () => Log.#open(trace, resolved))
  }

  static async #open(trace: TraceMessages['recovery'], options: ResolvedLogOptions): Promise<Log> {
    const binding = loadBinding(options.nativeBinding)
    // Events may come before the constructor has returned; none is lost, because the callback
    // runs on this thread.
    let log: Log | undefined
    const opened = await openNative(
      binding,
      trace.directory,
      options,
      (event, value) => (log === undefined ? false : log.#onEvent(event, value)),
      (table) => log && internalsOf(log).onPagesRead(table),
    )
    log = new Log(binding, options, opened)
    trace.recovery = log.recovery
    announce('recovery', { directory: log.directory, recovery: log.recovery })
    return log
  }

  private constructor(binding: NativeBinding, options: ResolvedLogOptions, opened: OpenedLog) {
    super()
    this.directory = opened.directory
    this.recovery = opened.recovery
    this.#options = options
    this.#binding = binding
    this.#handle = opened.handle
    this.#control = opened.control
    this.#maxRecordBytes = options.maxRecordBytes
    this.#lastLSN = this.flushedLSN
    if (opened.ring !== null) {
      const { handle, ring, control } = opened
      const { padToBlock } = options
      this.#buffer = new AppendBuffer(binding, handle, ring, control, this.flushedLSN, padToBlock)
    }
    const { writerDelayMs, clock } = options
    this.#scheduler = new FlushScheduler(this.#buffer, () => this.flushedLSN, writerDelayMs, clock)
    exposeInternals(this, binding, opened.handle, () => this.#scheduler.publish())
  }

  /**
   * Exclusive end of the durable records: a record at `lsn` survives a power cut when `lsn <
   * flushedLSN`.
   */
  get flushedLSN(): LSN {
    return this.#control[controlIndex.flushedLSN] as LSN
  }

  /**
   * Exclusive end of what was appended: where the next record will start (with `padToBlock`: or
   * later).
   */
  get endLSN(): LSN {
    return this.#buffer?.endLSN ?? this.flushedLSN
  }

  /** The first record that `truncateBefore` has left; equal to `endLSN` when there is none. */
  get oldestLSN(): LSN {
    return this.#control[controlIndex.oldestLSN] as LSN
  }

  /**
   * Appends a record and returns its LSN without waiting for the disk. The bytes are copied before
   * it returns. Blocks the thread while the buffer is full, until the writer has caught up or a
   * segment is prepared.
   *
   * @durability none yet: a crash loses it unless a later `flush`, `commit` or `writerDelayMs` came
   * first. Records are lost only from the end, never from the middle.
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_RECORD_TOO_LARGE, ERR_SEAWALL_NO_SPACE,
   * ERR_SEAWALL_LOG_FULL, ERR_SEAWALL_LSN_EXHAUSTED, ERR_SEAWALL_POISONED, ERR_SEAWALL_READ_ONLY,
   * ERR_SEAWALL_CLOSED; nothing was appended then
   * @source lib/log/append-buffer.ts
   */
  append(body: Body, options?: AppendOptions): LSN {
    const lsn = this.#append(body, options)
    this.#scheduler.appended()
    return lsn
  }

  /**
   * Appends several records in a row; nothing of anyone else's comes between. Returns their LSNs.
   * Not atomic: a crash may keep the first ones only.
   *
   * @durability none yet, as `append`
   * @throws as `append`; those appended before the failing one stay
   */
  appendBatch(bodies: readonly Body[], options?: AppendOptions): LSN[] {
    const lsns = bodies.map((body) => this.#append(body, options))
    if (lsns.length > 0) this.#scheduler.appended()
    return lsns
  }

  /**
   * Appends a record and waits until it is durable. All commits that come while a flush runs share
   * the next one.
   *
   * @returns the record's LSN
   * @durability `flush`: the record and everything appended before it survive a power cut when this
   * resolves. `async`: resolves at once; the record is durable within about `writerDelayMs`.
   * @throws as `append`; ERR_SEAWALL_POISONED when the flush failed (the record may or may not be
   * in the log), ERR_SEAWALL_ABORTED
   * @source native/log/log_writer.cc
   */
  commit(body: Body, options?: CommitOptions): Promise<LSN> {
    try {
      const durability = durabilityOf(options, this.#options)
      const lsn = this.#append(body, options, durability === 'flush')
      if (durability === 'flush') return orAborted(this.#waitFor(lsn), options?.signal)
      this.#scheduler.appended()
      return Promise.resolve(lsn)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * The same as `commit`, but blocks the thread until the record is durable: the shortest way to
   * the drive when there is nothing else to do meanwhile.
   *
   * @returns the record's LSN
   * @durability the record and everything appended before it survive a power cut when this returns
   * @throws as `append`; ERR_SEAWALL_POISONED when the flush failed
   */
  commitSync(body: Body, options?: AppendOptions): LSN {
    const lsn = this.#append(body, options, true)
    this.#scheduler.flushSync()
    return lsn
  }

  /**
   * Makes the log durable up to and including the record at `lsn`; without `lsn`, everything
   * appended so far.
   *
   * @param options.signal ends the wait with ERR_SEAWALL_ABORTED; what was appended stays appended
   * @returns the flushedLSN, which is above `lsn`
   * @durability everything below the returned LSN survives a power cut when this resolves
   * @throws ERR_SEAWALL_LSN_OUT_OF_RANGE when `lsn` was not appended yet, ERR_SEAWALL_POISONED,
   * ERR_SEAWALL_ABORTED, ERR_SEAWALL_READ_ONLY, ERR_SEAWALL_CLOSED
   */
  async flush(lsn?: LSN, options: { signal?: AbortSignal } = {}): Promise<LSN> {
    const buffer = this.#writable()
    if (lsn !== undefined) checkLSN(lsn)
    if (lsn !== undefined && lsn >= buffer.endLSN)
      throw new SeawallError('ERR_SEAWALL_LSN_OUT_OF_RANGE', { lsn })
    const target = lsn ?? this.#lastLSN
    const isDurable = buffer.endLSN === this.flushedLSN || target < this.flushedLSN
    if (!isDurable) await orAborted(this.#waitFor(target), options.signal)
    return this.flushedLSN
  }

  /**
   * The records in order of LSN, as an async iterable; `.batches()` is the form for speed. Sees
   * durable records only. Does nothing until it is iterated; reads ahead then.
   *
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_CLOSED; while iterating see `LogScan`
   */
  read(options: ReadOptions = {}): LogScan {
    this.#throwIfClosed()
    const { live = false, signal } = options
    const from = options.from ?? this.oldestLSN
    const to = options.to ?? ((live ? lsnMax : this.flushedLSN) as LSN)
    checkLSN(from)
    checkLSN(to)
    return new LogScan(
      {
        binding: this.#binding,
        handle: () => this.#openHandle(),
        waitBeyond: (lsn) => this.#waitBeyond(lsn),
      },
      from,
      to,
      live,
      signal,
    )
  }

  /**
   * The record at `lsn`.
   *
   * @param options.unflushed also find a record that is not durable yet (it may be lost in a
   * crash). Default false.
   * @throws ERR_SEAWALL_LSN_OUT_OF_RANGE, ERR_SEAWALL_LSN_TRUNCATED, ERR_SEAWALL_CORRUPT_LOG,
   * ERR_SEAWALL_CLOSED, ERR_SEAWALL_IO
   * @source native/log/record_lookup.cc
   */
  async get(lsn: LSN, options: { unflushed?: boolean } = {}): Promise<LogRecord> {
    this.#throwIfClosed()
    checkLSN(lsn)
    // Read once: the writer moves it on at any moment.
    const flushedLSN = this.flushedLSN
    if (lsn >= flushedLSN) {
      const buffer = options.unflushed === true ? this.#buffer : undefined
      const record = buffer?.find(lsn, flushedLSN)
      if (record !== undefined) return { lsn, ...record }
      if (buffer === undefined || buffer.holds(flushedLSN) || lsn >= buffer.endLSN) {
        throw new SeawallError('ERR_SEAWALL_LSN_OUT_OF_RANGE', { lsn })
      }
      // A long record has pushed what is before it, or its own beginning, out of the buffer.
      await this.#waitFor(lsn)
    }
    return readRecord(this.#binding, this.#handle, lsn)
  }

  /**
   * Releases every record below `lsn`, which is the LSN of a durable record, or `endLSN` when all
   * is durable. Whole segments below it are used again. At or below `oldestLSN` it changes nothing.
   *
   * @returns the new oldestLSN
   * @durability the new beginning survives a power cut when this resolves
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_LSN_OUT_OF_RANGE, ERR_SEAWALL_READ_ONLY,
   * ERR_SEAWALL_CLOSED; ERR_SEAWALL_POISONED, and ERR_SEAWALL_IO for the failure that poisons the log
   */
  async truncateBefore(lsn: LSN): Promise<LSN> {
    this.#writable()
    checkLSN(lsn)
    await completed((done) => this.#binding.truncateBefore(this.#handle, lsn, done))
    return this.oldestLSN
  }

  /** Counters and state; after `close` as they were then. */
  stats(): LogStats {
    if (this.#finalStats !== undefined) return { ...this.#finalStats }
    return {
      ...this.#binding.stats(this.#handle),
      open: this.#state === 'open',
      endLSN: this.endLSN,
      heldBytes: this.endLSN - this.oldestLSN,
      maxLogBytes: this.#options.maxLogBytes,
      ...(this.#buffer?.stats() ?? noAppends),
      ...this.#scheduler.stats(),
    }
  }

  /**
   * Makes everything appended durable, then releases the directory. Commits that wait are still
   * acknowledged; live readers that have reached the end are over, those that have not get
   * ERR_SEAWALL_CLOSED. Calls after the first share its promise.
   *
   * @throws ERR_SEAWALL_POISONED when the log is poisoned; it is closed all the same
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** `await using log = await Log.open(…)`: the same as `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  [inspect.custom](): string {
    const { oldestLSN, flushedLSN, endLSN } = this
    const state = this.#poison === undefined ? this.#state : `${this.#state}, poisoned`
    const range = `oldestLSN ${oldestLSN}, flushedLSN ${flushedLSN}, endLSN ${endLSN}`
    return `Log { ${this.directory}, ${state}, ${range} }`
  }

  #append(body: Body, options: AppendOptions | undefined, isAwaited = false): LSN {
    const buffer = this.#buffer
    if (this.#state !== 'open' || this.#poison !== undefined || buffer === undefined)
      throw this.#notWritable()
    const bytes = body instanceof Uint8Array ? body : bytesOf(body)
    const type = options === undefined ? 0 : checkedType(options.type)
    if (bytes.length > this.#maxRecordBytes) {
      throw new SeawallError('ERR_SEAWALL_RECORD_TOO_LARGE', {
        detail: `${bytes.length} bytes, maxRecordBytes is ${this.#maxRecordBytes}`,
      })
    }
    const lsn = buffer.append(bytes, type, isAwaited)
    this.#lastLSN = lsn
    return lsn
  }

  #waitFor(lsn: LSN): Promise<LSN> {
    return this.#poison === undefined ? this.#scheduler.waitFor(lsn) : Promise.reject(this.#poison)
  }

  #waitBeyond(lsn: LSN): Promise<boolean> {
    if (this.#state !== 'open' || this.#buffer === undefined) return Promise.resolve(false)
    if (this.#poison !== undefined) return Promise.reject(this.#poison)
    return this.flushedLSN > lsn ? Promise.resolve(true) : this.#scheduler.waitBeyond(lsn)
  }

  // Returns whether others still wait for a flush.
  #onEvent(event: number, value: number): boolean {
    const { directory } = this
    if (event === nativeEvent.flushed) {
      const othersWait = this.#scheduler.settle()
      announce('flush', { directory, flushedLSN: value })
      if (this.listenerCount('flush') > 0) this.emit('flush', value as LSN)
      return othersWait
    }
    if (event === nativeEvent.rotated) {
      announce('rotate', { directory, segment: value })
      this.emit('rotate', value)
    } else if (event === nativeEvent.poisoned) {
      // One error for everyone, with the first failure as its cause.
      const error = toPoisonedError(this.#binding.poison(this.#handle))
      this.#poison = error
      this.#scheduler.fail(error)
      announce('error', { directory, error })
      if (this.listenerCount('error') > 0) this.emit('error', error)
    }
    return false
  }

  async #close(): Promise<void> {
    this.#state = 'closing'
    this.#scheduler.stop()
    let failure: unknown = this.#poison
    try {
      if (failure === undefined) this.#buffer?.publish(this.#scheduler.waiterCount)
    } catch (error) {
      failure = error
    }
    const stats = this.stats()
    const closeError = await new Promise<NativeError | undefined>((resolve) => {
      this.#binding.close(this.#handle, resolve)
    })
    this.#finalStats = { ...stats, flushedLSN: this.flushedLSN }
    this.#state = 'closed'
    failure ??= closeError && toPoisonedError(closeError)
    this.#scheduler.fail(failure ?? new SeawallError('ERR_SEAWALL_CLOSED'))
    this.emit('close')
    if (failure !== undefined) throw failure
  }

  #openHandle(): number {
    this.#throwIfClosed()
    return this.#handle
  }

  #throwIfClosed(): void {
    if (this.#state !== 'open') throw new SeawallError('ERR_SEAWALL_CLOSED')
  }

  #writable(): AppendBuffer {
    if (this.#state !== 'open' || this.#poison !== undefined || this.#buffer === undefined)
      throw this.#notWritable()
    return this.#buffer
  }

  #notWritable(): SeawallError {
    if (this.#state !== 'open') return new SeawallError('ERR_SEAWALL_CLOSED')
    return this.#poison ?? new SeawallError('ERR_SEAWALL_READ_ONLY')
  }
}
