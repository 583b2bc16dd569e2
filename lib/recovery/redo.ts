import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { Frame } from '../buffer/frame.ts'
import { SeawallError } from '../errors.ts'
import { noLSN, readLSN } from '../format/engine-record.ts'
import {
  compensationBody,
  imageBody,
  recordCompensation,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  updateBody,
} from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import { asLostRecord } from '../log/lost-record.ts'
import type { RecordBatch } from '../log/record-batch.ts'
import { formatPageOperation } from '../operation/page-type.ts'
import type { OperationRegistry } from '../operation/registry.ts'
import { withLSN } from '../txn/page-changes.ts'
import type { PhaseProgress } from './progress.ts'

export interface RedoCounts {
  records: number
  redone: number
  skippedNotDirty: number
  skippedBeforeRecLSN: number
  skippedOnPage: number
  skippedDamaged: number
  checked: number
}

const pagesReadTogether = 1024

/** A page that redo may have to change. */
interface RedoPage {
  readonly pageId: number
  readonly recLSN: LSN
  /** While it is pinned. */
  frame: Frame | undefined
  /**
   * While it is pinned: its pageLSN. The page itself gets it when it is unpinned, in the same
   * synchronous step, so that no copy of the page lacks it.
   */
  pageLSN: LSN
}

/**
 * The second pass of a restart: repeats history (ARIES section 6.2). Input: the dirty pages that
 * analysis found, and the log from the least of their recLSNs. Every change is applied again, those
 * of losers too, unless one of three tests shows that the page has it:
 *
 * 1. the page is not among the dirty ones: it was written after the change;
 * 2. the record is older than the page's recLSN: the same;
 * 3. pageLSN >= the record's LSN: the page says so itself (H35). This is the test that makes redo
 *    repeatable; the other two only save the reading of pages.
 *
 * The pages of a stretch of log are read together before its records are applied.
 *
 * DEVIATION(ARIES 6.2): recLSN is not raised to what the page shows; the third test finds the same.
 *
 * DEVIATION(ARIES 8): a damaged page is not rebuilt from an archive; it is passed over and named in
 * the report. It is lost for the dirty page table, and so for the rest of this redo too: if it could
 * be read again in between, the next record would be applied to a page that lacks the one before. A
 * page that was given up is lost from the beginning.
 */
export class Redo {
  readonly #log: Log
  readonly #pool: BufferPool
  readonly #operations: OperationRegistry
  readonly #pagesAtOnce: number
  readonly #pages = new Map<number, RedoPage>()
  #pinned: RedoPage[] = []
  readonly counts: RedoCounts = {
    records: 0,
    redone: 0,
    skippedNotDirty: 0,
    skippedBeforeRecLSN: 0,
    skippedOnPage: 0,
    skippedDamaged: 0,
    checked: 0,
  }

  constructor(
    log: Log,
    pool: BufferPool,
    operations: OperationRegistry,
    dirtyPages: Map<number, LSN>,
    frameCount: number,
  ) {
    this.#log = log
    this.#pool = pool
    this.#operations = operations
    this.#pagesAtOnce = Math.max(1, Math.floor(frameCount / 2))
    for (const [pageId, recLSN] of dirtyPages) {
      this.#pages.set(pageId, { pageId, recLSN, frame: undefined, pageLSN: noLSN })
    }
  }

  /**
   * @throws ERR_SEAWALL_OPERATION_FAILED, ERR_SEAWALL_REDO_MISMATCH, ERR_SEAWALL_UNKNOWN_OPERATION,
   * ERR_SEAWALL_CORRUPT_LOG
   */
  async run(redoLSN: LSN, progress: PhaseProgress): Promise<void> {
    await this.#readPages()
    try {
      for await (const batch of this.#log.read({ from: redoLSN }).batches()) {
        await this.#redoBatch(batch)
        progress.at(batch.nextLSN, this.counts.records)
      }
    } catch (error) {
      throw asLostRecord(error, 'the first change of a dirty page')
    }
  }

  // Every dirty page has a record in the log, so it will be read anyway; all of them in the order
  // of the file is several times quicker than as the log names them.
  async #readPages(): Promise<void> {
    if (this.#pages.size > this.#pagesAtOnce) return
    const pages = [...this.#pages.values()].sort((a, b) => a.pageId - b.pageId)
    for (let from = 0; from < pages.length; from += pagesReadTogether) {
      await this.#pin(pages.slice(from, from + pagesReadTogether))
      this.#unpin()
    }
  }

  // In stretches, each of which touches as many pages as may be pinned at once.
  async #redoBatch(batch: RecordBatch): Promise<void> {
    const { buffer, byteOffset, byteLength } = batch.bytes
    const view = new DataView(buffer, byteOffset, byteLength)
    for (let from = 0; from < batch.count;) {
      const wanted = new Set<RedoPage>()
      const to = this.#collectPages(batch, view, from, wanted)
      await this.#pin(wanted)
      try {
        for (let i = from; i < to; i++) this.#redoRecord(batch, view, i)
      } finally {
        this.#unpin()
      }
      from = to
    }
  }

  #collectPages(batch: RecordBatch, view: DataView, from: number, wanted: Set<RedoPage>): number {
    for (let i = from; i < batch.count; i++) {
      const pageId = pageIdOf(batch.type(i), view, batch.bodyOffset(i))
      const page = this.#pages.get(pageId)
      if (page === undefined || batch.lsn(i) < page.recLSN || wanted.has(page)) continue
      if (wanted.size === this.#pagesAtOnce) return i
      wanted.add(page)
    }
    return batch.count
  }

  async #pin(wanted: Iterable<RedoPage>): Promise<void> {
    this.#pinned = []
    const loading: Promise<void>[] = []
    for (const page of wanted) {
      const pinned = this.#pool.pin(page.pageId)
      if (pinned instanceof Promise) {
        loading.push(
          pinned.then((frame) => {
            page.frame = frame
            this.#pinned.push(page)
          }),
        )
      } else {
        page.frame = pinned
        this.#pinned.push(page)
      }
    }
    const outcomes = await Promise.allSettled(loading)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    // One after the other, so that the processor waits for several of them at a time.
    for (const page of this.#pinned) page.pageLSN = (page.frame as Frame).pageLSN
    if (failed === undefined) return
    this.#unpin()
    throw failed.reason
  }

  #unpin(): void {
    for (const page of this.#pinned) {
      const frame = page.frame as Frame
      if (page.pageLSN !== frame.pageLSN) frame.pageLSN = page.pageLSN
      this.#pool.unpin(frame)
      page.frame = undefined
    }
    this.#pinned = []
  }

  #redoRecord(batch: RecordBatch, view: DataView, i: number): void {
    const at = batch.bodyOffset(i)
    const type = batch.type(i)
    this.counts.records += 1
    const pageId = pageIdOf(type, view, at)
    if (pageId === 0) return
    const page = this.#pages.get(pageId)
    if (page === undefined) {
      this.counts.skippedNotDirty += 1
      return
    }
    const lsn = batch.lsn(i)
    if (lsn < page.recLSN) {
      this.counts.skippedBeforeRecLSN += 1
      return
    }
    if (type === recordPageCheck) this.#check(page, batch, view, i)
    else this.#redoOn(page, batch, view, i, lsn)
  }

  #redoOn(page: RedoPage, batch: RecordBatch, view: DataView, i: number, lsn: LSN): void {
    const frame = page.frame as Frame
    const at = batch.bodyOffset(i)
    const type = batch.type(i)
    const operation = type === recordPageImage ? 0 : view.getUint16(at + updateBody.operation, true)
    if (frame.failure !== undefined) {
      const makesWhole = type === recordPageImage || operation === formatPageOperation
      if (!makesWhole || frame.failure.code !== 'ERR_SEAWALL_DAMAGED_PAGE') {
        this.#noteDamage(page, lsn)
        return
      }
      frame.becomeEmpty(frame.pageId)
      page.pageLSN = noLSN
    }
    if (page.pageLSN === noLSN && operation !== formatPageOperation && operation !== 0) {
      // Every page begins with a record that formats it, and that one is not here any more.
      const detail = 'the page was never written, or its write was lost'
      frame.failure = new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page: frame.pageId, detail })
      this.#noteDamage(page, lsn)
      return
    }
    if (page.pageLSN >= lsn) {
      this.counts.skippedOnPage += 1
      return
    }
    this.#pool.noteChange(frame, lsn)
    if (type === recordPageImage) {
      frame.pageType = view.getUint32(at + imageBody.pageType, true)
      frame.body.set(batch.body(i).subarray(imageBody.bytes))
    } else {
      this.#apply(frame, operation, batch, i, lsn)
    }
    page.pageLSN = lsn
    this.counts.redone += 1
  }

  #apply(frame: Frame, number: number, batch: RecordBatch, i: number, lsn: LSN): void {
    const header = batch.type(i) === recordUpdate ? updateBody.bytes : compensationBody.bytes
    const at = batch.bodyOffset(i) + header
    try {
      this.#operations.get(number).apply(frame, batch.bytes, at, batch.bodyBytes(i) - header)
    } catch (error) {
      const named = withLSN(error, lsn, frame.pageId)
      if (named !== error) throw named
      throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', {
        lsn,
        page: frame.pageId,
        detail: `redo of operation ${number}`,
        cause: error,
      })
    }
  }

  // Consistency mode: the page as it was after the change, to be compared with what redo made.
  #check(page: RedoPage, batch: RecordBatch, view: DataView, i: number): void {
    const frame = page.frame as Frame
    const at = batch.bodyOffset(i)
    const lsn = readLSN(view, at + imageBody.lsn)
    if (frame.failure !== undefined || page.pageLSN !== lsn) return
    this.counts.checked += 1
    const image = batch.body(i).subarray(imageBody.bytes)
    const pageType = view.getUint32(at + imageBody.pageType, true)
    if (frame.pageType === pageType && Buffer.compare(frame.body, image) === 0) return
    throw new SeawallError('ERR_SEAWALL_REDO_MISMATCH', { lsn, page: frame.pageId })
  }

  #noteDamage(page: RedoPage, lsn: LSN): void {
    this.counts.skippedDamaged += 1
    this.#pool.noteLost(page.frame as Frame, page.recLSN, lsn)
  }
}

/** 0 when the record changes no page. */
function pageIdOf(type: number, view: DataView, at: number): number {
  switch (type) {
    case recordUpdate:
      return view.getUint32(at + updateBody.pageId, true)
    case recordCompensation:
      return view.getUint32(at + compensationBody.pageId, true)
    case recordPageImage:
    case recordPageCheck:
      return view.getUint32(at + imageBody.pageId, true)
    default:
      return 0
  }
}
