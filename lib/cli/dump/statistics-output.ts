import type { RecordStatistics, RecordTally } from '../../inspection/records/record-statistics.ts'
import type { LogTail } from '../../inspection/survey/survey-types.ts'
import { bytesInWords, countInWords } from '../terminal/quantities.ts'
import { endValue } from './json-lines.ts'
import { endInWords } from './text-lines.ts'

/** The counts as tables, as `pg_waldump --stats` has them. */
export function statisticsInWords(statistics: RecordStatistics, tail: LogTail): string {
  const { total } = statistics
  const operations = statistics.operations()
  const parts = [table('TYPE', statistics.types(), total, true)]
  if (operations.length > 0) {
    parts.push(table('OPERATION', operations, total, false))
  }
  const { range } = statistics
  const span =
    range === undefined
      ? 'no records'
      : `LSN ${range.firstLSN} to ${range.endLSN} (${bytesInWords(range.endLSN - range.firstLSN)})`
  parts.push(`${span}\nLSN ${tail.endLSN}: ${endInWords(tail)}`)
  return parts.join('\n\n')
}

/** The same as one value for JSON. */
export function statisticsValue(
  statistics: RecordStatistics,
  tail: LogTail,
): Readonly<Record<string, unknown>> {
  const { range, total } = statistics
  return {
    firstLSN: range?.firstLSN ?? null,
    endLSN: range?.endLSN ?? null,
    total: tallyValue(total),
    types: statistics.types().map((tally) => ({ name: tally.name, ...numbered(tally) })),
    operations: statistics.operations().map((tally) => ({ name: tally.name, ...numbered(tally) })),
    logEnd: endValue(tail),
  }
}

function numbered(tally: RecordTally): Readonly<Record<string, unknown>> {
  return { ...(tally.number === undefined ? {} : { number: tally.number }), ...tallyValue(tally) }
}

function tallyValue(tally: RecordTally): Readonly<Record<string, number>> {
  const { count, logBytes, bodyBytes, largestBodyBytes, largestLSN } = tally
  return { count, logBytes, bodyBytes, largestBodyBytes, largestLSN }
}

function table(
  name: string,
  tallies: readonly RecordTally[],
  total: RecordTally,
  isWhole: boolean,
): string {
  const rows = [
    [name, 'COUNT', '%', 'LOG BYTES', '%', 'AVERAGE', 'LARGEST', 'AT LSN'],
    ...tallies.map((tally) => row(tally, total)),
    ...(isWhole ? [row(total, total)] : []),
  ]
  const columns = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((cells) => (cells[i] ?? '').length)),
  )
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(columns[i] ?? 0) : cell.padStart(columns[i] ?? 0)))
        .join('  '),
    )
    .join('\n')
}

function row(tally: RecordTally, total: RecordTally): string[] {
  const { name, count, logBytes, bodyBytes, largestBodyBytes, largestLSN } = tally
  return [
    name,
    countInWords(count),
    percent(count, total.count),
    countInWords(logBytes),
    percent(logBytes, total.logBytes),
    count === 0 ? '-' : countInWords(Math.round(bodyBytes / count)),
    countInWords(largestBodyBytes),
    count === 0 ? '-' : String(largestLSN),
  ]
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : ((100 * part) / whole).toFixed(1)
}
