// Restart after a crash, or after none (ARIES section 6): analysis, redo, undo. The engine takes a
// checkpoint when it is through. A crash anywhere in here changes nothing for the next restart but
// how much of the undo is done.
import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { PageFile } from '../buffer/page-file.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import type { OperationRegistry } from '../operation/registry.ts'
import type { PageChanges } from '../txn/page-changes.ts'
import type { TransactionTable } from '../txn/transaction-table.ts'
import type { Undo } from '../txn/undo.ts'
import type { Clock } from '../util/clock.ts'
import { Analysis } from './analysis.ts'
import { LoserUndo } from './losers.ts'
import { PhaseProgress } from './progress.ts'
import { Redo } from './redo.ts'
import type { DamagedPage, RestartProgress, RestartReport } from './restart-report.ts'

export interface RestartServices {
  readonly log: Log
  readonly file: PageFile
  readonly pool: BufferPool
  readonly operations: OperationRegistry
  readonly transactions: TransactionTable
  readonly changes: PageChanges
  readonly undo: Undo
  readonly clock: Clock
  readonly onProgress: ((progress: RestartProgress) => void) | undefined
}

/** Brings the pages to where every committed transaction is whole and no other one shows. */
export async function restart(services: RestartServices): Promise<RestartReport> {
  const { log, file, pool, operations, transactions, changes, undo } = services
  const { onProgress, clock } = services
  const startedAt = clock.monotonicMs()
  const endLSN = log.endLSN
  const { checkpointLSN } = log.recovery

  const analysisProgress = new PhaseProgress('analysis', checkpointLSN, endLSN, onProgress, clock)
  const analysis = await new Analysis(checkpointLSN).run(log, analysisProgress)
  const analysisMs = analysisProgress.elapsedMs

  const redoLSN = leastRecLSN(analysis.dirtyPages.values(), endLSN)
  const redoProgress = new PhaseProgress('redo', redoLSN, endLSN, onProgress, clock)
  for (const pageId of analysis.givenUpPages) pool.dirtyPages.lost.noteGivenUp(pageId)
  const redo = new Redo(log, pool, operations, analysis.dirtyPages, file.frameCount)
  if (redoLSN < endLSN) await redo.run(redoLSN, redoProgress)
  const redoMs = redoProgress.elapsedMs

  const losers = analysis.losers.size
  const beganAtMs = clock.monotonicMs()
  const loserUndo = new LoserUndo(analysis.losers.values(), transactions, undo, changes, beganAtMs)
  const oldestLoserLSN = leastRecLSN(analysis.losers.keys(), endLSN)
  const undoProgress = new PhaseProgress(
    'undo',
    loserUndo.highestLSN,
    oldestLoserLSN,
    onProgress,
    clock,
  )
  await loserUndo.run(undoProgress)

  return Object.freeze({
    log: log.recovery,
    created: file.created,
    checkpointLSN,
    redoLSN,
    endLSN,
    analysis: {
      records: analysis.records,
      dirtyPages: analysis.dirtyPages.size,
      losers,
      durationMs: analysisMs,
    },
    redo: { ...redo.counts, durationMs: redoMs },
    undo: { ...loserUndo.counts, durationMs: undoProgress.elapsedMs },
    tornPagesRepaired: file.repaired,
    damagedPages: damagedPages(pool),
    durationMs: clock.monotonicMs() - startedAt,
  })
}

// Those that undo came upon as well, and those that were given up in an earlier run.
function damagedPages(pool: BufferPool): DamagedPage[] {
  const lost = pool.dirtyPages.lost.values()
  return Array.from(lost, ({ pageId, lsn, code }) => ({ pageId, lsn, code }))
}

function leastRecLSN(lsns: Iterable<number>, otherwise: LSN): LSN {
  let least: number = otherwise
  for (const lsn of lsns) if (lsn < least && lsn !== noLSN) least = lsn
  return least as LSN
}
