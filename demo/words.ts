// What the demo says.
import type { RecoveryReport } from '../lib/index.ts'
import type { ChildRun } from './run-child.ts'

export function megabytes(bytes: number): string {
  if (bytes < 1e5) return `${bytes} bytes`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** What was done between two file offsets in some seconds. */
export function describeSpeed(run: Omit<ChildRun, 'outcome'>): string {
  const seconds = Math.max(run.seconds, 1e-3)
  const perSecond = Math.round(run.commits / seconds)
  const rate = ((run.acknowledged - run.from) / 1e6 / seconds).toFixed(0)
  const latency = `p50 ${Math.round(run.p50)} us, p99 ${Math.round(run.p99)} us`
  return `${perSecond} commits/s, ${rate} MB/s, ${latency}`
}

function describeEnd({ decision, cutBytes, reason }: RecoveryReport): string {
  if (decision === 'torn-tail') {
    return `found a torn tail (${reason}): ${cutBytes} bytes that were never acknowledged, cut off`
  }
  return `found the end of the log whole (behind it: ${reason}), nothing to cut off`
}

/**
 * What opening found. `offset` is where the file goes on, `acknowledged` what the child had
 * reported before.
 */
export function describeRecovery(
  recovery: RecoveryReport,
  offset: number,
  acknowledged: number,
): string[] {
  const took = `${recovery.durationMs.toFixed(1)} ms`
  if (recovery.decision === 'created') return [`new log, opened in ${took}`]
  const { scannedRecords, scannedFrom, keptTo } = recovery
  const more = offset - acknowledged
  const extra = more > 0 ? `, and ${megabytes(more)} more that were under way` : ''
  return [
    `recovery took ${took}: checked ${scannedRecords} records from LSN ${scannedFrom}`,
    describeEnd(recovery),
    `everything acknowledged is there${extra}`,
    `the log ends at LSN ${keptTo}; the file goes on at byte ${offset}`,
  ]
}
