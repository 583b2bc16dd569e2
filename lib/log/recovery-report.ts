import type { LSN } from '../format/lsn.ts'
import type { NativeReport } from '../native/binding.ts'

/** What opening the log found, and what it decided. */
export interface RecoveryReport {
  /**
   * `created`: there was no log. `clean-end`: nothing was written beyond the end. `torn-tail`:
   * records beyond the end that
   * were never acknowledged to anyone were incomplete, and were cut off.
   */
  readonly decision: 'created' | 'clean-end' | 'torn-tail'
  /** The previous user closed the log in order. */
  readonly closedCleanly: boolean
  /** Counts opens for writing. */
  readonly incarnation: number
  /** The kept range: every record from here … */
  readonly keptFrom: LSN
  /** … to here (exclusive). Durable before `Log.open` resolved. */
  readonly keptTo: LSN
  /** Bytes of records beyond `keptTo` that were cut off. */
  readonly cutBytes: number
  /** Why the log ends there, in words. */
  readonly reason: string
  /** The scan began here: everything below was promised by the master record. */
  readonly scannedFrom: LSN
  /** Records of yours from `scannedFrom` to `keptTo`. */
  readonly scannedRecords: number
  /**
   * The furthest LSN that anything found promised to be durable; never beyond `keptTo`, or the
   * log would be refused.
   */
  readonly promisedTo: LSN
  /** Where the restart of an engine on this log begins; 0 when there was no checkpoint. */
  readonly checkpointLSN: LSN
  /** What opening took. */
  readonly durationMs: number
}

export function toRecoveryReport(report: NativeReport): RecoveryReport {
  return Object.freeze({
    decision: report.decision,
    closedCleanly: report.closedCleanly,
    incarnation: report.incarnation,
    keptFrom: report.oldestLSN as LSN,
    keptTo: report.endLSN as LSN,
    cutBytes: report.cutBytes,
    reason: report.reason,
    scannedFrom: report.scannedFromLSN as LSN,
    scannedRecords: report.scannedRecords,
    promisedTo: report.promiseLSN as LSN,
    checkpointLSN: report.checkpointLSN as LSN,
    durationMs: report.durationMs,
  })
}
