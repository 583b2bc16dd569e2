import { recordCommit, recordEnd } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { absent, columnsBodyBytes, EngineColumns } from '../records/engine-columns.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import type { Outcome } from './longest-spans.ts'
import { typeNameOf } from '../records/record-kinds.ts'

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
  /** There are more than are shown: those without an end, and the longest. */
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
  let recordsKept = 0
  for await (const items of survey.scan({ from, to, bodyBytesMax: columnsBodyBytes })) {
    for (const item of items) {
      if (item.what === 'gap' || item.problem !== undefined || !columns.read(item)) continue
      const { transactionLSN } = columns
      if (transactionLSN === absent || transactionLSN === 0) continue
      const lane = lanes.get(transactionLSN) ?? newLane(transactionLSN as LSN, item.lsn)
      lanes.set(transactionLSN, lane)
      lane.toLSN = item.nextLSN
      lane.recordCount += 1
      if (item.type === recordCommit) lane.outcome = 'committed'
      if (item.type === recordEnd) lane.outcome = 'rolled back'
      if (lane.records.length >= recordsPerLaneMax || recordsKept >= recordsMax) continue
      recordsKept += 1
      lane.records.push({ lsn: item.lsn, typeName: typeNameOf(item, true) })
    }
  }
  const shown = [...lanes.values()].sort(byInterest).slice(0, lanesMax)
  shown.sort((a, b) => a.transactionLSN - b.transactionLSN)
  return { lanes: shown, isCut: lanes.size > lanesMax }
}

// Those without an end first, then the longer ones; of equals, some from everywhere in the window.
function byInterest(a: TransactionLane, b: TransactionLane): number {
  const isRunning = Number(b.outcome === 'running') - Number(a.outcome === 'running')
  if (isRunning !== 0) return isRunning
  const bytes = b.toLSN - b.fromLSN - (a.toLSN - a.fromLSN)
  return bytes !== 0 ? bytes : scattered(a.transactionLSN) - scattered(b.transactionLSN)
}

// Multiplicative hashing (Knuth, TAOCP 6.4).
function scattered(lsn: LSN): number {
  return Math.imul(lsn % 2 ** 32, 0x9e3779b1) >>> 0
}

function newLane(transactionLSN: LSN, fromLSN: LSN): TransactionLane {
  const records: TransactionLane['records'] = []
  const counts = { outcome: 'running' as const, recordCount: 0, records }
  return { transactionLSN, fromLSN, toLSN: fromLSN, ...counts }
}
