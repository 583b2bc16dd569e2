import type { NativeStats } from '../native/binding.ts'

/**
 * Counters since this handle was opened, and the state of the log. Plain numbers; cheap enough
 * for every second.
 */
export interface LogStats extends NativeStats {
  /** Where the next record will start. */
  endLSN: number
  /** Records appended, and the bytes of their bodies. */
  appends: number
  appendBytes: number
  /** Commits and flushes that wait right now. */
  waiters: number
  /** Times that JavaScript told the writer about new records. */
  publishes: number
}
