import type { BufferPoolStats } from '../buffer/buffer-pool.ts'
import type { LogHolder } from '../checkpoint/retention.ts'
import type { LogStats } from '../log/log-stats.ts'
import type { NativePageStats } from '../native/binding.ts'
import type { LockStats } from '../txn/lock-table.ts'

/** Counters since the engine was opened, and its state. */
export interface EngineStats {
  readonly pageBytes: number
  readonly transactions: {
    /** Begun and not ended, read-only ones included. */
    readonly active: number
    readonly committed: number
    readonly rolledBack: number
    /** The oldest one that has written: it keeps the log from here on. */
    readonly oldestLSN: number | undefined
    readonly oldestAgeMs: number | undefined
  }
  readonly checkpoints: {
    readonly count: number
    /** Where the redo of a restart would begin. */
    readonly redoLSN: number
    /** Log that a restart would read. */
    readonly walBytes: number
    /** What keeps the log from being recycled further. */
    readonly holder: LogHolder
  }
  /** Log kept free so that every running transaction can be rolled back. */
  readonly reservedLogBytes: number
  readonly bufferPool: BufferPoolStats
  readonly pages: NativePageStats
  readonly locks: LockStats
  readonly log: LogStats
}
