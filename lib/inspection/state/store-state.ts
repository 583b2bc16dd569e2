import { redoLSNOf } from '../../checkpoint/fuzzy-checkpoint.ts'
import {
  holderOf,
  type LogHolder,
  type LogNeeds,
  oldestNeededLSN,
} from '../../checkpoint/retention.ts'
import { type CheckpointEnd, noLSN } from '../../format/engine-record.ts'
import { recordCommit, recordEnd } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { Analysis } from '../../recovery/analysis.ts'
import { describeRecord } from '../../recovery/describe-record.ts'
import { absent, EngineColumns } from '../records/engine-columns.ts'
import {
  bytesBetween,
  estimateRestart,
  recordsIn,
  type RestartEstimate,
  type RestartWork,
} from './restart-estimate.ts'
import type { ScannedItem, ScannedRecord } from '../survey/survey-types.ts'

/** A transaction that has neither committed nor ended where the log ends. */
export interface OpenTransaction {
  readonly firstLSN: LSN
  readonly lastLSN: LSN
  /** 0: nothing is left to undo. */
  readonly undoNextLSN: LSN
  /** Log that was written since its first record. */
  readonly ageBytes: number
  /** Of its records, those since the checkpoint. */
  readonly records: number
}

export interface DirtyPage {
  readonly pageId: number
  readonly recLSN: LSN
}

/** Who keeps the log from being let go. */
export interface Retention {
  /** In the words of the engine's statistics; `transaction` is the one that begins at `lsn`. */
  readonly holder: LogHolder
  /** The log is needed from here on. */
  readonly lsn: LSN
  /** Bytes below it that are still there: the next checkpoint lets go of them. */
  readonly reclaimableBytes: number
}

/** What a restart would begin with. */
export interface StoreState {
  readonly checkpointLSN: LSN
  /** In the checkpoint itself. */
  readonly checkpointTransactions: number
  readonly checkpointDirtyPages: number
  readonly redoLSN: LSN
  /** The oldest first. */
  readonly transactions: readonly OpenTransaction[]
  readonly dirtyPages: number
  /** Some of them, the oldest recLSN first. */
  readonly oldestDirtyPages: readonly DirtyPage[]
  readonly givenUpPages: number
  readonly retention: Retention
  readonly work: RestartWork
  readonly estimate: RestartEstimate
}

const pagesShownMax = 5

/** Runs the analysis of a restart over a scan of the log; changes nothing. */
export class StoreStateReader {
  readonly #checkpointLSN: LSN
  readonly #analysis: Analysis
  /** Of transactions that were seen: their records. */
  readonly #recordsOf = new Map<number, number>()
  readonly #columns = new EngineColumns()
  #view: DataView = new DataView(new ArrayBuffer(0))
  #checkpoint: CheckpointEnd | undefined
  #bytes = 0
  #problem: string | undefined

  /** `checkpointLSN` 0: no checkpoint was ever taken. */
  constructor(checkpointLSN: LSN) {
    this.#checkpointLSN = checkpointLSN
    this.#analysis = new Analysis(checkpointLSN)
  }

  /** REQUIRES: everything in the log from the checkpoint to its end, in order. */
  take(item: ScannedItem): void {
    if (this.#problem !== undefined || item.lsn < this.#checkpointLSN) return
    if (item.what === 'gap' || item.problem !== undefined) {
      this.#problem = `the log is damaged at LSN ${item.lsn}`
      return
    }
    this.#bytes += item.nextLSN - item.lsn
    if (item.sort === 'record') this.#record(item)
  }

  /** A sentence: why it cannot be said what a restart would find. */
  state(oldestLSN: LSN, endLSN: LSN): StoreState | string {
    if (this.#problem !== undefined) return this.#problem
    if (!this.#analysis.sawCheckpoint) {
      return `the checkpoint at LSN ${this.#checkpointLSN} is not complete`
    }
    const { losers, dirtyPages, givenUpPages } = this.#analysis.state()
    const pages = Array.from(dirtyPages, ([pageId, recLSN]) => ({ pageId, recLSN })).sort(
      (a, b) => a.recLSN - b.recLSN,
    )
    const transactions = Array.from(losers.values(), ({ firstLSN, lastLSN, undoNextLSN }) => {
      const records = this.#recordsOf.get(firstLSN) ?? 0
      return { firstLSN, lastLSN, undoNextLSN, ageBytes: endLSN - firstLSN, records }
    }).sort((a, b) => a.firstLSN - b.firstLSN)
    const redoLSN = pages[0]?.recLSN ?? endLSN
    const work = this.#work(transactions, redoLSN, pages.length, endLSN)
    return {
      checkpointLSN: this.#checkpointLSN,
      checkpointTransactions: this.#checkpoint?.transactions.length ?? 0,
      checkpointDirtyPages: this.#checkpoint?.pages.length ?? 0,
      redoLSN,
      transactions,
      dirtyPages: pages.length,
      oldestDirtyPages: pages.slice(0, pagesShownMax),
      givenUpPages: givenUpPages.size,
      retention: retentionOf(this.#checkpointLSN, this.#checkpoint, oldestLSN),
      work,
      estimate: estimateRestart(work),
    }
  }

  #record(record: ScannedRecord): void {
    const { lsn, type, body } = record
    const columns = this.#columns
    if (!columns.read(record)) {
      const { problem, checkpoint } = describeRecord(lsn, type, body)
      if (problem !== undefined) {
        this.#problem = `the record at LSN ${lsn} cannot be decoded: ${problem}`
        return
      }
      if (checkpoint?.beginLSN === this.#checkpointLSN) this.#checkpoint = checkpoint
    }
    // The bodies of a batch lie in one buffer.
    if (this.#view.buffer !== body.buffer) this.#view = new DataView(body.buffer)
    this.#analysis.takeRecord(type, lsn, this.#view, body.byteOffset, body.length)
    const { transactionLSN } = columns
    if (transactionLSN === absent || transactionLSN === noLSN) return
    if (type === recordCommit || type === recordEnd) this.#recordsOf.delete(transactionLSN)
    else this.#recordsOf.set(transactionLSN, (this.#recordsOf.get(transactionLSN) ?? 0) + 1)
  }

  #work(
    transactions: readonly OpenTransaction[],
    redoLSN: LSN,
    redoPages: number,
    endLSN: LSN,
  ): RestartWork {
    const { records } = this.#analysis.state()
    const inOldLog = (bytes: number): number => recordsIn(bytes, records, this.#bytes)
    const redoBytes = bytesBetween(redoLSN, endLSN)
    let undoBytes = 0
    let undoRecords = 0
    for (const { firstLSN, lastLSN, undoNextLSN, records: own } of transactions) {
      if (undoNextLSN === noLSN) continue
      undoBytes += bytesBetween(firstLSN, lastLSN)
      undoRecords += own + inOldLog(bytesBetween(firstLSN, this.#checkpointLSN))
    }
    return {
      analysisBytes: this.#bytes,
      analysisRecords: records,
      redoBytes,
      redoRecords: inOldLog(redoBytes),
      redoPages,
      undoBytes,
      undoRecords,
    }
  }
}

// As the engine decided it at its last checkpoint; holds of readers and archives end with it and are
// in no file.
function retentionOf(
  checkpointLSN: LSN,
  checkpoint: CheckpointEnd | undefined,
  oldestLSN: LSN,
): Retention {
  if (checkpoint === undefined) return { holder: 'checkpoint', lsn: oldestLSN, reclaimableBytes: 0 }
  const needs: LogNeeds = {
    checkpointLSN,
    redoLSN: redoLSNOf(checkpoint.pages),
    lostLSN: undefined,
    oldestTransactionLSN: checkpoint.transactions[0]?.transactionLSN,
    holds: [],
  }
  const lsn = oldestNeededLSN(needs)
  return { holder: holderOf(needs), lsn, reclaimableBytes: bytesBetween(oldestLSN, lsn) }
}
