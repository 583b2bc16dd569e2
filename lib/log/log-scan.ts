import { SeawallError } from '../errors.ts'
import type { LSN } from '../format/lsn.ts'
import type { NativeBatch, NativeBinding } from '../native/binding.ts'
import { toSeawallError } from '../native/map-error.ts'
import { orAborted } from './or-aborted.ts'
import { type LogRecord, RecordBatch } from './record-batch.ts'

/** Which records `log.read` gives. */
export interface ReadOptions {
  /** First record; the LSN of one, or the end. Default: `oldestLSN`. */
  from?: LSN
  /**
   * Only records with a lower LSN. Default: the durable end when the scan begins; with `live`,
   * none.
   */
  to?: LSN
  /**
   * Go on waiting for new records at the durable end. The wait keeps the process from ending by
   * itself; an open log alone does not. Default false.
   */
  live?: boolean
  /** Ends the scan with ERR_SEAWALL_ABORTED. */
  signal?: AbortSignal | undefined
}

/** What a scan needs of its log. */
export interface ScanSource {
  readonly binding: NativeBinding
  /** The native handle; throws ERR_SEAWALL_CLOSED when there is none any more. */
  handle(): number
  /**
   * Resolves with false when the log is closed, with true when records at or after `lsn` may have
   * become durable.
   */
  waitBeyond(lsn: LSN): Promise<boolean>
}

/** A scan that has not begun: iterate over it, or over its `batches()`. */
export class LogScan implements AsyncIterable<LogRecord> {
  readonly #source: ScanSource
  readonly #from: LSN
  readonly #to: LSN
  readonly #live: boolean
  readonly #signal: AbortSignal | undefined

  /** @internal */
  constructor(
    source: ScanSource,
    from: LSN,
    to: LSN,
    live: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#source = source
    this.#from = from
    this.#to = to
    this.#live = live
    this.#signal = signal
  }

  /**
   * The records one by one. Waits for the disk only where read-ahead has not been there yet.
   *
   * @throws ERR_SEAWALL_CORRUPT_LOG with the LSN of the damage, after everything before it was
   * delivered;
   * ERR_SEAWALL_LSN_OUT_OF_RANGE when no record starts at `from`; ERR_SEAWALL_LSN_TRUNCATED when
   * `truncateBefore` overtakes
   * the scan; ERR_SEAWALL_ABORTED; ERR_SEAWALL_CLOSED; ERR_SEAWALL_IO
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<LogRecord, void, void> {
    for await (const batch of this.batches()) yield* batch
  }

  /**
   * The same records in batches of up to about a megabyte, the next one being read meanwhile. A
   * longer record has a batch of its own.
   *
   * @throws as iterating over the scan itself
   */
  async *batches(): AsyncGenerator<RecordBatch, void, void> {
    this.#throwIfAborted()
    const reader = await this.#open()
    let position = this.#from
    let next = this.#next(reader)
    try {
      while (true) {
        const batch = await orAborted(next, this.#signal)
        position = batch.nextLSN as LSN
        if (batch.buffer !== undefined) {
          if (position < this.#to) next = this.#next(reader)
          yield new RecordBatch(batch as Required<NativeBatch>)
          if (position >= this.#to) return
        } else {
          if (!this.#live || position >= this.#to) return
          if (!(await orAborted(this.#source.waitBeyond(position), this.#signal))) return
          next = this.#next(reader)
        }
      }
    } finally {
      this.#close(reader)
    }
  }

  #throwIfAborted(): void {
    if (this.#signal?.aborted)
      throw new SeawallError('ERR_SEAWALL_ABORTED', { cause: this.#signal.reason })
  }

  #open(): Promise<number> {
    const { binding } = this.#source
    return new Promise((resolve, reject) => {
      binding.readerOpen(this.#source.handle(), this.#from, this.#to, (error, reader) => {
        if (error === undefined) resolve(reader)
        else reject(toSeawallError(error))
      })
    })
  }

  #next(reader: number): Promise<NativeBatch> {
    const next = new Promise<NativeBatch>((resolve, reject) => {
      this.#source.binding.readerNext(this.#source.handle(), reader, (error, batch) => {
        if (error === undefined) resolve(batch)
        else reject(toSeawallError(error))
      })
    })
    // It may fail while the batch before is being worked on, long before anyone waits for it.
    next.catch(() => {})
    return next
  }

  #close(reader: number): void {
    try {
      this.#source.binding.readerClose(this.#source.handle(), reader, () => {})
    } catch {
      // The log is closed, and its readers with it.
    }
  }
}
