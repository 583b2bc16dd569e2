import type { NativeStats } from '../native/binding.ts'
import type { DurationStats } from '../util/duration-histogram.ts'

/**
 * Counters since this handle was opened, and the state of the log: a counter only rises until the
 * log is closed, a gauge is what it is now. Cheap enough for every second. docs/METRICS.md has a
 * table of all.
 */
export interface LogStats extends NativeStats {
  /** False from the call of `close` on; the rest is then as it was. */
  open: boolean
  /** Gauge, LSN: where the next record will start. */
  endLSN: number
  /** Gauge, bytes: log from `oldestLSN` to `endLSN`, which nobody has released. */
  heldBytes: number
  /** The option, in bytes; undefined: no limit. */
  maxLogBytes: number | undefined
  /** Counter: records appended. */
  appends: number
  /** Counter, bytes: their bodies. */
  appendBytes: number
  /** Gauge: commits and flushes that wait. */
  waiters: number
  /** Counter: times that JavaScript told the writer about new records. */
  publishes: number
  /**
   * What commits wait for: from telling the writer until JavaScript knows that it is durable. One
   * at a time is measured, not everyone who waits: those who come while one is measured are not
   * counted.
   */
  flushWait: DurationStats
}
