// What lies on disk after a crash, looked at with the means of a restart, and without changing it.
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { noLSN } from '../../lib/format/engine-record.ts'
import { pageHeader } from '../../lib/format/layout.ts'
import { Log, type LSN } from '../../lib/index.ts'
import { Analysis, type AnalysisResult } from '../../lib/recovery/analysis.ts'
import { describeRecord, type RecordDescription } from '../../lib/recovery/describe-record.ts'
import { PhaseProgress } from '../../lib/recovery/progress.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

export interface CrashImage {
  readonly directory: string
  readonly checkpointLSN: LSN
  /** Every record of the log. */
  readonly records: readonly RecordDescription[]
  readonly analysis: AnalysisResult
}

/**
 * Copies a store that nobody is writing to: what a killed process would have left. REQUIRES: what
 * was asked for is durable, so that nothing is on its way to the disk.
 */
export async function imageOf(directory: string): Promise<CrashImage> {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  await using log = await Log.open(copy, { readOnly: true })
  const { checkpointLSN } = log.recovery
  const records: RecordDescription[] = []
  for await (const { lsn, type, body } of log.read()) {
    records.push(describeRecord(lsn, type, body))
  }
  const progress = new PhaseProgress('analysis', checkpointLSN, log.endLSN, undefined)
  const analysis = await new Analysis(checkpointLSN).run(log, progress)
  return { directory: copy, checkpointLSN, records, analysis }
}

/** The pageLSN in the data file. */
export function pageLSNOnDisk({ directory }: CrashImage, pageId: number, pageBytes: number): LSN {
  const file = readFileSync(join(directory, 'pages'))
  return Number(file.readBigUInt64LE(pageId * pageBytes + pageHeader.pageLSN)) as LSN
}

export type RedoDecision = 'redo' | 'not dirty' | 'before recLSN' | 'on page'

export interface RedoStep {
  readonly record: RecordDescription
  readonly decision: RedoDecision
  /** What decided it: recLSN, or the pageLSN so far. */
  readonly against: LSN
}

/**
 * The three tests of ARIES section 6.2, told once more and for these records only; that redo itself
 * comes to the same numbers is checked by the walk-through.
 */
export function redoSteps(image: CrashImage, pageBytes: number): RedoStep[] {
  const { dirtyPages } = image.analysis
  const redoLSN = Math.min(...dirtyPages.values())
  const pageLSNs = new Map<number, LSN>()
  for (const pageId of dirtyPages.keys()) {
    pageLSNs.set(pageId, pageLSNOnDisk(image, pageId, pageBytes))
  }
  const steps: RedoStep[] = []
  for (const record of image.records) {
    const { lsn, pageId } = record
    if (lsn < redoLSN || pageId === undefined || pageId === 0) continue
    const recLSN = dirtyPages.get(pageId)
    const pageLSN = pageLSNs.get(pageId) ?? noLSN
    if (recLSN === undefined) {
      steps.push({ record, decision: 'not dirty', against: noLSN })
    } else if (lsn < recLSN) {
      steps.push({ record, decision: 'before recLSN', against: recLSN })
    } else if (lsn <= pageLSN) {
      steps.push({ record, decision: 'on page', against: pageLSN })
    } else {
      steps.push({ record, decision: 'redo', against: pageLSN })
      pageLSNs.set(pageId, lsn)
    }
  }
  return steps
}
