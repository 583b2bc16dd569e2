import { recordPageImage } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { formatPageOperation } from '../../operation/page-type.ts'
import type { PagesSeen } from './pages-seen.ts'

const keptMax = 10_000

/** A page that lacks a change which was on disk according to the checkpoint. */
export interface PageBehind {
  readonly pageId: number
  readonly lsn: LSN
}

/**
 * What the log says of the pages that were seen before it was read. When a checkpoint was taken,
 * every page that it does not name as dirty was on disk with all its changes; a page that lacks
 * one of them has lost a write.
 */
export class PageHistory {
  readonly #seen: PagesSeen
  readonly #checkpointLSN: LSN
  /** Dirty at the checkpoint: what they lack, redo will add. */
  readonly #dirtyAtCheckpoint: ReadonlySet<number>
  readonly #behind = new Map<number, LSN>()
  /** Of pages that are damaged or empty: the last record that makes them whole, whatever they held. */
  readonly #madeWhole = new Map<number, LSN>()
  /** Pages that the log changes and the file does not have, by the last such record. */
  readonly #beyondFile = new Map<number, LSN>()

  constructor(seen: PagesSeen, checkpointLSN: LSN, dirtyAtCheckpoint: ReadonlySet<number>) {
    this.#seen = seen
    this.#checkpointLSN = checkpointLSN
    this.#dirtyAtCheckpoint = dirtyAtCheckpoint
  }

  /** A record that changes a page. REQUIRES: in the order of the log. */
  take(lsn: LSN, type: number, pageId: number, operation: number): void {
    if (pageId >= this.#seen.pages) {
      if (this.#beyondFile.size < keptMax || this.#beyondFile.has(pageId)) {
        this.#beyondFile.set(pageId, lsn)
      }
      return
    }
    const pageLSN = this.#seen.pageLSN(pageId)
    if (pageLSN === 0 || this.#seen.isDamaged(pageId)) {
      const isWhole = type === recordPageImage || operation === formatPageOperation
      if (isWhole) this.#madeWhole.set(pageId, lsn)
    }
    if (lsn >= this.#checkpointLSN || pageLSN === undefined || pageLSN >= lsn) return
    if (this.#dirtyAtCheckpoint.has(pageId)) return
    if (this.#behind.size < keptMax || this.#behind.has(pageId)) this.#behind.set(pageId, lsn)
  }

  behind(): PageBehind[] {
    return Array.from(this.#behind, ([pageId, lsn]) => ({ pageId, lsn }))
  }

  beyondFile(): ReadonlyMap<number, LSN> {
    return this.#beyondFile
  }

  /** Redo makes the page whole: it begins at or before a record that needs nothing of it. */
  isMadeWhole(pageId: number, recLSN: LSN | undefined): boolean {
    return recLSN !== undefined && (this.#madeWhole.get(pageId) ?? -1) >= recLSN
  }
}
