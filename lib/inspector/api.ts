// What the page can ask of a log. Every answer is bounded, however large the log is.
import type { LSN } from '../format/lsn.ts'
import type { InspectedLog } from './inspected-log.ts'
import { oneRecord } from './views/one-record.ts'
import { onePage, pagesMax, pagesView } from './views/pages.ts'
import { integerOf, lsnOf } from './views/query.ts'
import { recordsBefore, recordsFrom, rowsMax } from './views/records.ts'
import { restartSummaryView, restartView } from './views/restart.ts'
import { indexView, summaryView } from './views/summary.ts'
import { tablesView } from './views/tables.ts'
import { windowView } from './views/window.ts'

type View = (log: InspectedLog, query: URLSearchParams, signal: AbortSignal) => unknown

const rowsDefault = 100

const views: ReadonlyMap<string, View> = new Map<string, View>([
  ['summary', (log) => summaryView(log)],
  ['index', (log) => indexView(log)],
  ['records', recordsOf],
  ['record', (log, query) => oneRecord(log, lsnOf(query, 'lsn'))],
  ['window', windowOf],
  ['tables', (log, query, signal) => tablesView(log, tablesLSN(log, query), signal)],
  ['pages', pagesOf],
  ['page', (log, query) => onePage(log, integerOf(query, 'id', undefined, 2 ** 32 - 1))],
  ['restart', (log, query, signal) => restartView(log, integerOf(query, 'step', 0), signal)],
  ['restart-summary', (log) => restartSummaryView(log)],
])

/** Undefined: there is no such view. */
export function viewOf(name: string): View | undefined {
  return views.get(name)
}

function recordsOf(log: InspectedLog, query: URLSearchParams): unknown {
  const count = Math.max(1, integerOf(query, 'count', rowsDefault, rowsMax))
  if (query.has('before')) return recordsBefore(log, lsnOf(query, 'before'), count)
  const to = lsnOf(query, 'to', log.endLSN)
  return recordsFrom(log, lsnOf(query, 'from', log.survey.layout.oldestLSN), to, count)
}

async function windowOf(log: InspectedLog, query: URLSearchParams): Promise<unknown> {
  const view = await windowView(log, lsnOf(query, 'from'), lsnOf(query, 'to'))
  return view ?? { isTooLarge: true }
}

function pagesOf(log: InspectedLog, query: URLSearchParams, signal: AbortSignal): unknown {
  const count = integerOf(query, 'count', rowsDefault, pagesMax)
  return pagesView(log, integerOf(query, 'first', 1), count, tablesLSN(log, query), signal)
}

/** Tables are those behind a record; without one, those at the end of the log. */
function tablesLSN(log: InspectedLog, query: URLSearchParams): LSN {
  const last = Math.max(log.survey.layout.oldestLSN, log.index.toLSN - 1) as LSN
  return Math.min(lsnOf(query, 'lsn', last), last) as LSN
}
