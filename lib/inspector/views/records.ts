import type { LSN } from '../../format/lsn.ts'
import { startOfWalk } from '../../inspection/survey/first-record.ts'
import { LogWalk } from '../../inspection/walk/log-walk.ts'
import type { InspectedLog } from '../inspected-log.ts'
import { type DamageRow, type RecordRow, RecordRows } from './record-row.ts'

export const rowsMax = 500
// As much as one line of words is made of.
const bodyBytesMax = 64 * 1024
const lookBackBytes = 64 * 1024

/** Records in a row. */
export interface RecordsView {
  readonly rows: readonly (RecordRow | DamageRow)[]
  /** Where the next rows begin; undefined: there are no more. */
  readonly nextLSN: LSN | undefined
  /** There are rows before the first one. */
  readonly hasBefore: boolean
}

/**
 * At most `count` rows: the record that `from` lies in, or the first one behind it, and those that
 * follow.
 */
export async function recordsFrom(
  log: InspectedLog,
  from: LSN,
  to: LSN,
  count: number,
): Promise<RecordsView> {
  const { oldestLSN } = log.survey.layout
  const end = Math.min(to, log.endLSN) as LSN
  const start = await startOfRow(log, Math.max(from, oldestLSN) as LSN)
  const rows: (RecordRow | DamageRow)[] = []
  for await (const row of rowsIn(log, start, end)) {
    rows.push(row)
    if (rows.length > count) break
  }
  const nextLSN = rows.length > count ? (rows.pop()?.lsn as LSN) : undefined
  const [first] = rows
  return { rows, nextLSN, hasBefore: (first?.lsn ?? start) > oldestLSN }
}

/** The last `count` rows that begin before `before`. */
export async function recordsBefore(
  log: InspectedLog,
  before: LSN,
  count: number,
): Promise<RecordsView> {
  const { oldestLSN } = log.survey.layout
  const end = Math.min(before, log.endLSN) as LSN
  for (let bytes = lookBackBytes; ; bytes *= 8) {
    const from = Math.max(oldestLSN, end - bytes) as LSN
    let rows: (RecordRow | DamageRow)[] = []
    for await (const row of rowsIn(log, await startOfWalk(log.survey, from), end)) {
      rows.push(row)
      if (rows.length >= 2 * count) rows = rows.slice(-count)
    }
    rows = rows.slice(-count)
    if (rows.length < count && from > oldestLSN) continue
    const hasBefore = (rows[0]?.lsn ?? oldestLSN) > oldestLSN
    return { rows, nextLSN: before < log.endLSN ? before : undefined, hasBefore }
  }
}

// Where the row begins that `lsn` lies in; otherwise `lsn`.
async function startOfRow(log: InspectedLog, lsn: LSN): Promise<LSN> {
  if (lsn >= log.endLSN || (await startOfWalk(log.survey, lsn)) === lsn) return lsn
  const [row] = (await recordsBefore(log, lsn, 1)).rows
  return row !== undefined && row.nextLSN > lsn ? (row.lsn as LSN) : lsn
}

// REQUIRES: a record begins at `from`, or none is there.
async function* rowsIn(
  log: InspectedLog,
  from: LSN,
  to: LSN,
): AsyncGenerator<RecordRow | DamageRow, void> {
  if (from >= to) return
  const words = new RecordRows(log.isStore)
  const range = { from, to, bodyBytesMax, pastEnd: true }
  for await (const stretch of new LogWalk(log, range).stretches()) {
    if (stretch.what === 'records') {
      for (const record of stretch.records) yield words.row(record, stretch.place)
    }
    if (stretch.what !== 'damage') continue
    const { lsn, endLSN, reason } = stretch.gap
    yield { what: 'damage', lsn, nextLSN: endLSN, words: reason }
  }
}
