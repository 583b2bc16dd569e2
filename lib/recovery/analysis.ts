import { SeawallError } from '../errors.ts'
import { type CheckpointEnd, decodeCheckpointEnd, noLSN, readLSN } from '../format/engine-record.ts'
import {
  compensationBody,
  imageBody,
  recordBeginCheckpoint,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  transactionBody,
  updateBody,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import { asLostRecord } from '../log/lost-record.ts'
import type { RecordBatch } from '../log/record-batch.ts'
import { UndoMarks } from '../txn/transaction-table.ts'
import type { PhaseProgress } from './progress.ts'

/** A transaction that had not ended at the crash. */
export interface Loser {
  readonly firstLSN: LSN
  lastLSN: LSN
  undoNextLSN: LSN
  readonly marks: UndoMarks
}

/** What the log says about the moment of the crash. */
export interface AnalysisResult {
  /** By first LSN. */
  readonly losers: Map<number, Loser>
  /** recLSN by page id: the pages that may lack changes on disk. */
  readonly dirtyPages: Map<number, LSN>
  /**
   * Pages whose redo was given up before the checkpoint: what is on disk lacks changes that may be
   * in no log any more. They are among the dirty ones too when a later record changes them.
   */
  readonly givenUpPages: ReadonlySet<number>
  readonly records: number
}

/**
 * The first pass of a restart (ARIES section 6.1). Input: the log from the begin record of the last
 * checkpoint. Output: the losers, and the dirty pages with their recLSNs, both as they were at the
 * crash or older. Reads nothing but the log.
 *
 * Losers are found from the begin record on and not in the checkpoint alone (H36): a transaction
 * that began after it is known by its first record.
 *
 * DEVIATION(ARIES 6.1): no transaction is ever in doubt; whatever has no commit record is a loser.
 */
export class Analysis {
  readonly #checkpointLSN: LSN
  readonly #losers = new Map<number, Loser>()
  readonly #dirtyPages = new Map<number, LSN>()
  readonly #givenUpPages = new Set<number>()
  /** Ended before the end record of the checkpoint was seen, which may still name them. */
  readonly #ended = new Set<number>()
  #sawCheckpoint: boolean
  #records = 0

  /** `checkpointLSN` 0: no checkpoint was ever taken. */
  constructor(checkpointLSN: LSN) {
    this.#checkpointLSN = checkpointLSN
    this.#sawCheckpoint = checkpointLSN === noLSN
  }

  /** @throws ERR_SEAWALL_CORRUPT_LOG, ERR_SEAWALL_CORRUPT_STORE */
  async run(log: Log, progress: PhaseProgress): Promise<AnalysisResult> {
    const from = this.#checkpointLSN === noLSN ? log.oldestLSN : this.#checkpointLSN
    try {
      for await (const batch of log.read({ from }).batches()) {
        this.take(batch)
        progress.at(batch.nextLSN, this.#records)
      }
    } catch (error) {
      throw asLostRecord(error, 'the record of the log that the master record names')
    }
    return this.result()
  }

  /** @throws ERR_SEAWALL_CORRUPT_STORE */
  take(batch: RecordBatch): void {
    const { buffer, byteOffset, byteLength } = batch.bytes
    const view = new DataView(buffer, byteOffset, byteLength)
    for (let i = 0; i < batch.count; i++) {
      this.takeRecord(batch.type(i), batch.lsn(i), view, batch.bodyOffset(i), batch.bodyBytes(i))
    }
  }

  /**
   * Takes the next record; its body is `bodyBytes` from `at` on. REQUIRES: records in the order of
   * the log, without holes, and bodies as long as their type asks for.
   *
   * @throws ERR_SEAWALL_CORRUPT_STORE
   */
  takeRecord(type: number, lsn: LSN, view: DataView, at: number, bodyBytes: number): void {
    this.#records += 1
    switch (type) {
      case recordUpdate: {
        const transactionLSN = readLSN(view, at + updateBody.transactionLSN) || lsn
        this.#seen(transactionLSN, lsn, lsn)
        this.#dirtied(view.getUint32(at + updateBody.pageId, true), lsn)
        return
      }
      case recordCompensation: {
        const transactionLSN = readLSN(view, at + compensationBody.transactionLSN)
        const undoNextLSN = readLSN(view, at + compensationBody.undoNextLSN)
        if (transactionLSN !== noLSN) this.#seen(transactionLSN, lsn, undoNextLSN)
        this.#dirtied(view.getUint32(at + compensationBody.pageId, true), lsn)
        return
      }
      case recordCommit:
      case recordEnd:
        this.#over(readLSN(view, at + transactionBody.transactionLSN))
        return
      case recordPageImage:
        this.#dirtied(view.getUint32(at + imageBody.pageId, true), lsn)
        return
      case recordEndCheckpoint: {
        const body = new Uint8Array(view.buffer, view.byteOffset + at, bodyBytes)
        this.#merge(lsn, decodeCheckpointEnd(body))
        return
      }
      case recordBeginCheckpoint:
      case recordPageCheck:
        return
      default:
        throw unknownRecord(type, lsn)
    }
  }

  /** @throws ERR_SEAWALL_CORRUPT_STORE when the checkpoint has no end record */
  result(): AnalysisResult {
    if (!this.#sawCheckpoint) {
      throw new SeawallError('ERR_SEAWALL_CORRUPT_STORE', {
        lsn: this.#checkpointLSN,
        detail: 'the checkpoint that the master record names is not complete',
      })
    }
    return this.state()
  }

  /**
   * The tables as of the last record that was taken, for those who look at a log and not restart
   * from it: `losers` are the transactions that ran then (ATT). They are the analysis's own and
   * change with the next record. Before the end record of the checkpoint they lack what only it
   * knows; see `sawCheckpoint`.
   */
  state(): AnalysisResult {
    return {
      losers: this.#losers,
      dirtyPages: this.#dirtyPages,
      givenUpPages: this.#givenUpPages,
      records: this.#records,
    }
  }

  /** The end record of the checkpoint was taken, or there is no checkpoint. */
  get sawCheckpoint(): boolean {
    return this.#sawCheckpoint
  }

  #seen(transactionLSN: number, lastLSN: LSN, undoNextLSN: LSN): void {
    const loser = this.#losers.get(transactionLSN)
    if (loser === undefined) {
      this.#add(transactionLSN as LSN, lastLSN, undoNextLSN)
    } else {
      loser.lastLSN = lastLSN
      loser.undoNextLSN = undoNextLSN
      loser.marks.note(lastLSN)
    }
  }

  #add(firstLSN: LSN, lastLSN: LSN, undoNextLSN: LSN): void {
    const marks = new UndoMarks()
    marks.note(firstLSN)
    marks.note(lastLSN)
    this.#losers.set(firstLSN, { firstLSN, lastLSN, undoNextLSN, marks })
  }

  #over(transactionLSN: number): void {
    this.#losers.delete(transactionLSN)
    if (!this.#sawCheckpoint) this.#ended.add(transactionLSN)
  }

  // Page 0 is none: a compensation that changes nothing.
  #dirtied(pageId: number, lsn: LSN): void {
    if (pageId !== 0 && !this.#dirtyPages.has(pageId)) this.#dirtyPages.set(pageId, lsn)
  }

  // A later checkpoint that did not get as far as the master record says nothing new.
  #merge(lsn: LSN, checkpoint: CheckpointEnd | undefined): void {
    if (checkpoint === undefined) {
      const detail = 'the end record of a checkpoint is damaged'
      throw new SeawallError('ERR_SEAWALL_CORRUPT_STORE', { lsn, detail })
    }
    if (checkpoint.beginLSN !== this.#checkpointLSN) return
    this.#sawCheckpoint = true
    for (const { transactionLSN, lastLSN, undoNextLSN } of checkpoint.transactions) {
      if (this.#ended.has(transactionLSN) || this.#losers.has(transactionLSN)) continue
      this.#add(transactionLSN, lastLSN, undoNextLSN)
    }
    for (const { pageId, recLSN } of checkpoint.pages) {
      if (recLSN === noLSN) {
        this.#givenUpPages.add(pageId)
        continue
      }
      const present = this.#dirtyPages.get(pageId)
      if (present === undefined || recLSN < present) this.#dirtyPages.set(pageId, recLSN)
    }
    this.#ended.clear()
  }
}

export function unknownRecord(type: number, lsn: LSN): SeawallError {
  const detail = `a record of type ${type}, which no engine writes`
  return new SeawallError('ERR_SEAWALL_CORRUPT_STORE', { lsn, detail })
}
