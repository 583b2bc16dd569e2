import type { SeawallError } from '../errors.ts'
import type { LSN } from '../format/lsn.ts'
import type { Durability } from '../options.ts'

/**
 * What a record is made of: bytes. Strings are not taken, because an encoding would have to be
 * guessed.
 */
export type Body = Uint8Array | ArrayBufferView | ArrayBuffer

/** Options of `append`, `appendBatch` and `commitSync`. */
export interface AppendOptions {
  /** A number of your own to tell records apart: 0 to 65535. Default 0. */
  type?: number
}

/** Options of `commit`. */
export interface CommitOptions extends AppendOptions {
  /** Default: the log's `durability`. */
  durability?: Durability
  /** Ends the wait with ERR_SEAWALL_ABORTED, not the record: what was appended stays appended. */
  signal?: AbortSignal | undefined
}

/**
 * What a log emits, and what its listeners get. They run on the log's thread and delay the event
 * loop. What a listener of `flush`, `rotate` or `error` throws is an `uncaughtException`.
 */
export interface LogEvents {
  /** Commits became durable: the new flushedLSN. One event per flush that somebody waited for. */
  flush: [flushedLSN: LSN]
  /** The log went on into another segment: its number. */
  rotate: [segment: number]
  /** The log was poisoned. Also without a listener every waiting and later call gets the error. */
  error: [error: SeawallError]
  /** The log is closed and its directory released. */
  close: []
}
