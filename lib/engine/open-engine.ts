// From a directory to everything that an engine runs on. The order is the crash-safety argument:
// the log recovers first and says where it ends; torn pages are repaired before anything is read;
// restart brings the pages up to date; only then are transactions let in.
import { BufferPool } from '../buffer/buffer-pool.ts'
import { PageFile } from '../buffer/page-file.ts'
import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import { recordBeginCheckpoint, recordEndCheckpoint } from '../format/layout.ts'
import { Log } from '../log/log.ts'
import { OperationRegistry } from '../operation/registry.ts'
import { restart } from '../recovery/restart.ts'
import type { RestartReport } from '../recovery/restart-report.ts'
import { type ActionServices, UndoScope } from '../txn/action-scope.ts'
import { LogSpace } from '../txn/log-space.ts'
import { compensationExtraBytes, PageChanges } from '../txn/page-changes.ts'
import { PageAllocator } from '../txn/page-allocator.ts'
import { TransactionTable } from '../txn/transaction-table.ts'
import { Undo } from '../txn/undo.ts'
import { defaultPageBytes, framesMin, type ResolvedEngineOptions } from './engine-options.ts'

/** The parts of an open engine. */
export interface EngineParts extends ActionServices {
  readonly log: Log
  readonly file: PageFile
  readonly operations: OperationRegistry
  readonly transactions: TransactionTable
  readonly space: LogSpace
  readonly report: RestartReport
}

/** `onFailure`: a page could not be written; nothing may be promised any more. */
export async function openEngine(
  directory: string,
  options: ResolvedEngineOptions,
  onFailure: (error: unknown) => void,
): Promise<EngineParts> {
  const log = await Log.open(directory, options.log)
  let pool: BufferPool | undefined
  try {
    const file = await openPages(log, options)
    const parts = assemble(log, file, options, onFailure)
    pool = parts.pool
    const report = await restart({
      ...parts,
      undo: parts.undo(),
      onProgress: options.onProgress,
      clock: options.clock,
    })
    return { ...parts, report }
  } catch (error) {
    await pool?.stop()
    await log.close().catch(() => {})
    throw error
  }
}

async function openPages(log: Log, options: ResolvedEngineOptions): Promise<PageFile> {
  const isNew = log.recovery.checkpointLSN === noLSN
  if (isNew) await checkNeverUsed(log)
  const { pageSize, bufferPoolBytes, tornPages } = options
  try {
    return await PageFile.open(log, {
      pageBytes: pageSize ?? 0,
      newPageBytes: isNew ? (pageSize ?? defaultPageBytes) : 0,
      poolBytes: bufferPoolBytes,
      framesMin,
      // With images in the log too, until the checkpoint after the restart: redo makes pages dirty
      // that have none.
      doublewrite: tornPages !== 'none',
    })
  } catch (error) {
    if (!(error instanceof SeawallError) || error.code !== 'ERR_SEAWALL_NOT_FOUND') throw error
    throw new SeawallError('ERR_SEAWALL_CORRUPT_STORE', {
      detail: 'there is a log with a checkpoint, but no data file',
      path: log.directory,
    })
  }
}

// The first checkpoint is taken before the first transaction. Without one, nothing but the records
// of a checkpoint that did not come to its end can be there.
async function checkNeverUsed(log: Log): Promise<void> {
  for await (const record of log.read()) {
    if (record.type === recordBeginCheckpoint || record.type === recordEndCheckpoint) continue
    throw new SeawallError('ERR_SEAWALL_NOT_A_STORE', { path: log.directory, lsn: record.lsn })
  }
}

function assemble(
  log: Log,
  file: PageFile,
  options: ResolvedEngineOptions,
  onFailure: (error: unknown) => void,
): Omit<EngineParts, 'report'> {
  const { pageBytes, bodyBytes, frameCount } = file
  const { operations: users, consistencyChecks, tornPages, clock } = options
  const pool = new BufferPool(file, onFailure, clock)
  const operations = new OperationRegistry(users, bodyBytes, consistencyChecks)
  const transactions = new TransactionTable()
  const changeOptions = {
    logsImages: tornPages === 'fullPageImages',
    logsChecks: consistencyChecks,
  }
  const needs = {
    pageBytes,
    compensationExtraBytes: compensationExtraBytes(changeOptions, pageBytes),
    frameCount,
    lostPages: pool.dirtyPages.lost,
  }
  const space = new LogSpace(log, transactions, needs, clock)
  const changes = new PageChanges(
    log,
    pool,
    operations,
    transactions,
    space,
    bodyBytes,
    changeOptions,
  )
  const allocator = new PageAllocator(file, pool, changes)
  const services: ActionServices = { pool, changes, allocator, undo: () => undo }
  const undo: Undo = new Undo(log, pool, changes, operations, (state, undoNextLSN) => {
    return new UndoScope(services, state, undoNextLSN)
  })
  return { ...services, log, file, operations, transactions, space }
}
