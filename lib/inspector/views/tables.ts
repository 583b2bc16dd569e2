import type { LSN } from '../../format/lsn.ts'
import { tableRows } from '../../inspection/restart/restart-pages.ts'
import type { InspectedLog } from '../inspected-log.ts'

/** The ATT and the DPT behind the record at `lsn`. */
export async function tablesView(log: InspectedLog, lsn: LSN, signal: AbortSignal) {
  if (!log.isStore) {
    return { lacking: 'A plain log knows no transactions and no pages, so it has no tables.' }
  }
  const { fromLSN, isComplete, tables } = await log.tables(lsn, signal)
  const isIndexed = log.index.isComplete || log.index.atLSN > lsn
  return { lsn, fromLSN, isComplete, isIndexed, ...tableRows(tables) }
}
