import { recordHeader } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { NativeBatch } from '../native/binding.ts'

/** One record. */
export interface LogRecord {
  /** Its place in the log, and its name. */
  readonly lsn: LSN
  /** The number given to `append`; 0 when none was given. */
  readonly type: number
  /**
   * The bytes given to `append`. A view of a larger buffer: it stays valid, and keeps that buffer
   * in memory.
   */
  readonly body: Uint8Array
  /** Where the next record starts; `read({ from: nextLSN })` goes on there. */
  readonly nextLSN: LSN
}

const columns = 3
const headerBytes = recordHeader.bytes

/**
 * Verified records in columns: for scans that want millions of records a second. Record `i` of
 * `count` has its body at
 * `bytes.subarray(bodyOffset(i), bodyOffset(i) + bodyBytes(i))`.
 */
export class RecordBatch {
  /** Records in this batch; `i` goes from 0 to `count` - 1. */
  readonly count: number
  /** The bytes that the bodies lie in. */
  readonly bytes: Uint8Array
  /** Where the record after this batch starts. */
  readonly nextLSN: LSN
  readonly #index: Uint32Array
  readonly #baseLSN: number

  /** @internal */
  constructor(batch: Required<NativeBatch>) {
    this.bytes = new Uint8Array(batch.buffer)
    this.nextLSN = batch.nextLSN as LSN
    this.#index = new Uint32Array(batch.index)
    this.#baseLSN = batch.baseLSN - headerBytes
    this.count = this.#index.length / columns
  }

  /** The LSN of record `i`. */
  lsn(i: number): LSN {
    return (this.#baseLSN + this.bodyOffset(i)) as LSN
  }

  /** The number given to `append` with record `i`; 0 when none was given. */
  type(i: number): number {
    return this.#index[columns * i + 2] as number
  }

  /** Where in `bytes` the body of record `i` begins. */
  bodyOffset(i: number): number {
    return this.#index[columns * i] as number
  }

  /** How long the body of record `i` is. */
  bodyBytes(i: number): number {
    return this.#index[columns * i + 1] as number
  }

  /** The body of record `i`: a view of `bytes`, which stays in memory as long as it does. */
  body(i: number): Uint8Array {
    const from = this.bodyOffset(i)
    return this.bytes.subarray(from, from + this.bodyBytes(i))
  }

  /** Record `i` as an object. Costs an object each; the methods above cost none. */
  record(i: number): LogRecord {
    const nextLSN = i + 1 < this.count ? this.lsn(i + 1) : this.nextLSN
    return { lsn: this.lsn(i), type: this.type(i), body: this.body(i), nextLSN }
  }

  /** The records as objects, in order. */
  *[Symbol.iterator](): IterableIterator<LogRecord> {
    for (let i = 0; i < this.count; i++) yield this.record(i)
  }
}
