import { SeawallError } from '../../errors.ts'
import { noLSN } from '../../format/engine-record.ts'
import { recordEndCheckpoint } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { Analysis, type AnalysisResult } from '../../recovery/analysis.ts'
import { describeRecord } from '../../recovery/describe-record.ts'
import { EngineColumns } from '../records/engine-columns.ts'
import type { IndexedCheckpoint } from './log-index.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import type { ScannedRecord } from '../survey/survey-types.ts'

// More than the end record of a checkpoint ever has.
const bodyBytesMax = 64 * 1024 * 1024

/** The ATT and the DPT as of a record. */
export interface TablesAt {
  readonly lsn: LSN
  /** Where they were put together from: a checkpoint, or the beginning of the log. */
  readonly fromLSN: LSN
  /** False: there is no checkpoint before, and the log has been truncated. Something may lack. */
  readonly isComplete: boolean
  readonly tables: AnalysisResult
}

/**
 * What the analysis of a restart would know if the log ended behind the record at `lsn`, from the
 * last of `checkpoints` that was complete by then. Reads from there to `lsn`.
 *
 * Records that are not good, and such as no engine writes, are passed over.
 *
 * @throws ERR_SEAWALL_ABORTED when `signal` is, and what LogSurvey.scan throws
 */
export async function tablesAt(
  survey: LogSurvey,
  checkpoints: readonly IndexedCheckpoint[],
  lsn: LSN,
  signal?: AbortSignal,
): Promise<TablesAt> {
  const { oldestLSN } = survey.layout
  const usable = checkpoints.filter(({ beginLSN }) => beginLSN >= oldestLSN)
  const checkpoint = usable.filter((candidate) => candidate.lsn <= lsn).at(-1)
  const fromLSN = checkpoint?.beginLSN ?? oldestLSN
  const analysis = new Analysis(checkpoint?.beginLSN ?? noLSN)
  const columns = new EngineColumns()
  for await (const items of survey.scan({
    from: fromLSN,
    to: (lsn + 1) as LSN,
    bodyBytesMax,
  })) {
    if (signal?.aborted === true) throw new SeawallError('ERR_SEAWALL_ABORTED')
    for (const item of items) {
      if (item.what === 'gap' || item.lsn < fromLSN || !isOfAnalysis(item, columns)) continue
      const { buffer, byteOffset, byteLength } = item.body
      const view = new DataView(buffer, byteOffset, byteLength)
      analysis.takeRecord(item.type, item.lsn, view, 0, byteLength)
    }
  }
  const isComplete = checkpoint !== undefined || oldestLSN === noLSN
  return { lsn, fromLSN, isComplete, tables: analysis.state() }
}

// What analysis would refuse is passed over: the tables of a damaged store are shown as far as they go.
function isOfAnalysis(record: ScannedRecord, columns: EngineColumns): boolean {
  if (record.problem !== undefined || record.sort !== 'record') return false
  if (columns.read(record)) return true
  if (record.type !== recordEndCheckpoint) return false
  return describeRecord(record.lsn, record.type, record.body).problem === undefined
}
