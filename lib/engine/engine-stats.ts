import type { BufferPoolStats } from '../buffer/buffer-pool.ts'
import type { CheckpointStats } from '../checkpoint/checkpointer.ts'
import type { LogHolder } from '../checkpoint/retention.ts'
import type { LogStats } from '../log/log-stats.ts'
import type { NativePageStats } from '../native/binding.ts'
import type { LockStats } from '../txn/lock-table.ts'
import type { TransactionStats } from '../txn/transaction-counters.ts'

/**
 * Counters since the engine was opened, and its state; see LogStats. Cheap enough for every second:
 * it goes once through the pages in memory.
 */
export interface EngineStats {
  /** False from the call of `close` on. */
  readonly open: boolean
  /** Something failed, and nothing is promised any more: reopen. */
  readonly failed: boolean
  /** Bytes; fixed. */
  readonly pageBytes: number
  /** How many run, how they ended, and the oldest. */
  readonly transactions: TransactionStats
  /** How many, how long they took, and what they hold. */
  readonly checkpoints: CheckpointStats & {
    /** Gauge, LSN: where the redo of a restart would begin. */
    readonly redoLSN: number
    /** Gauge, bytes: log that a restart would read. */
    readonly walBytes: number
    /** What keeps the log from being recycled further. */
    readonly holder: LogHolder
  }
  /** Gauge, bytes: log kept free so that every running transaction can be rolled back. */
  readonly reservedLogBytes: number
  /** Pages in memory. */
  readonly bufferPool: BufferPoolStats
  /** Reads and writes of the data file. */
  readonly pages: NativePageStats
  /** Locks and those who wait for them. */
  readonly locks: LockStats
  /** The log of the engine. */
  /** The engine's log. */
  readonly log: LogStats
}
