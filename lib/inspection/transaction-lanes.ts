import { recordCommit, recordEnd } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import { absent, columnsBodyBytes, EngineColumns } from './engine-columns.ts'
import type { LogSurvey } from './log-survey.ts'
import type { Outcome } from './longest-spans.ts'
import { typeNameOf } from './record-kinds.ts'
import { scanWhole } from './scan-whole.ts'

const windowBytesMax = 16 * 1024 * 1024
const lanesMax = 400
const recordsPerLaneMax = 200
const recordsMax = 8000

/** A transaction in a window of the log. */
export interface TransactionLane {
  /** Its first record, which may stand before the window: its identity. */
  readonly transactionLSN: LSN
  /** The first and the last of its records in the window. */
  readonly fromLSN: LSN
  toLSN: LSN
  /** `running`: it does not end in the window. */
  outcome: Outcome
  recordCount: number
  /** The first ones. */
  readonly records: { readonly lsn: LSN; readonly typeName: string }[]
}

export interface TransactionLanes {
  readonly lanes: readonly TransactionLane[]
  /** There are more than are shown. */
  readonly isCut: boolean
}

/** Whether `lanesOf` looks at a window of this size. */
export function isLaneWindow(from: LSN, to: LSN): boolean {
  return to - from <= windowBytesMax
}

/** The transactions that have records in [from, to), by first LSN. REQUIRES: isLaneWindow. */
export async function lanesOf(survey: LogSurvey, from: LSN, to: LSN): Promise<TransactionLanes> {
  const columns = new EngineColumns()
  const lanes = new Map<number, TransactionLane>()
  let isCut = false
  let recordsKept = 0
  for await (const items of scanWhole(survey, from, to, columnsBodyBytes)) {
    for (const item of items) {
      if (item.what === 'gap' || item.problem !== undefined || !columns.read(item)) continue
      const { transactionLSN } = columns
      if (transactionLSN === absent || transactionLSN === 0) continue
      const lane = lanes.get(transactionLSN) ?? newLane(transactionLSN as LSN, item.lsn)
      if (!lanes.has(transactionLSN)) {
        isCut ||= lanes.size >= lanesMax
        if (isCut) continue
        lanes.set(transactionLSN, lane)
      }
      lane.toLSN = item.nextLSN
      lane.recordCount += 1
      if (item.type === recordCommit) lane.outcome = 'committed'
      if (item.type === recordEnd) lane.outcome = 'rolled back'
      if (lane.records.length >= recordsPerLaneMax || recordsKept >= recordsMax) continue
      recordsKept += 1
      lane.records.push({ lsn: item.lsn, typeName: typeNameOf(item, true) })
    }
  }
  const byAge = [...lanes.values()].sort((a, b) => a.transactionLSN - b.transactionLSN)
  return { lanes: byAge, isCut }
}

function newLane(transactionLSN: LSN, fromLSN: LSN): TransactionLane {
  const records: TransactionLane['records'] = []
  const counts = { outcome: 'running' as const, recordCount: 0, records }
  return { transactionLSN, fromLSN, toLSN: fromLSN, ...counts }
}
