import type { DirtyPageTable } from '../buffer/dirty-page-table.ts'
import {
  type CheckpointEnd,
  EngineRecordEncoder,
  noLSN,
  type PageEntry,
} from '../format/engine-record.ts'
import { recordBeginCheckpoint, recordEndCheckpoint } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import { setCheckpoint } from '../log/log-internals.ts'
import type { Log } from '../log/log.ts'
import type { TransactionTable } from '../txn/transaction-table.ts'

const encoder = new EngineRecordEncoder()

/**
 * A fuzzy checkpoint (ARIES section 5.4): says which transactions run and which pages are dirty.
 * Writes no page and stops nobody.
 *
 * The tables are copied between the begin and the end record without a turn of the event loop
 * (H58), so that nothing can begin, end or become dirty in between. The master record names the
 * checkpoint only after its end record is durable (H31).
 *
 * DEVIATION(ARIES 5.4): nothing can come between begin and end, so analysis finds the tables exact.
 *
 * @durability a restart begins with this checkpoint when it resolves
 */
export async function takeFuzzyCheckpoint(
  log: Log,
  transactions: TransactionTable,
  dirtyPages: DirtyPageTable,
  filePages: number,
  nowMs: number,
): Promise<CheckpointEnd> {
  const begin = encoder.beginCheckpoint(nowMs)
  const beginLSN = log.append(begin, { type: recordBeginCheckpoint })
  const checkpoint: CheckpointEnd = {
    beginLSN,
    filePages,
    transactions: transactions.snapshot(),
    pages: dirtyPages.snapshot(),
  }
  const endLSN = log.append(encoder.endCheckpoint(checkpoint), { type: recordEndCheckpoint })
  await log.flush(endLSN)
  await setCheckpoint(log, beginLSN)
  return checkpoint
}

/** The least recLSN of the pages; undefined when there are none. Pages that were given up have none. */
export function redoLSNOf(pages: readonly PageEntry[]): LSN | undefined {
  let least: LSN | undefined
  for (const { recLSN } of pages) {
    if (recLSN !== noLSN && (least === undefined || recLSN < least)) least = recLSN
  }
  return least
}
