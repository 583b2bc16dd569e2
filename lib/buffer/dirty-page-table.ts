import { noLSN, type PageEntry } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Frame } from './frame.ts'

/**
 * The pages in memory that are newer than on disk (ARIES: dirty_pages table), each with its recLSN:
 * the first record whose change the page on disk may lack.
 *
 * recLSN is noted before the change is applied (H30). A page that is changed while a copy of it is
 * being written has two: that of the copy holds until the copy is durable, then the other one.
 */
export class DirtyPageTable {
  // In about the order of recLSN: a page comes in at the end of the log, and again after a write.
  readonly #pages = new Map<number, Frame>()

  get size(): number {
    return this.#pages.size
  }

  /** The record at `lsn` is about to change the page. */
  noteChange(frame: Frame, lsn: LSN): void {
    if (frame.recLSN !== noLSN) return
    frame.recLSN = lsn
    if (frame.writingRecLSN === noLSN) this.#pages.set(frame.pageId, frame)
  }

  /** A copy of the page was taken and is being written. */
  beginWrite(frame: Frame): void {
    frame.writingRecLSN = frame.recLSN
    frame.recLSN = noLSN
  }

  /** The copy is durable. */
  endWrite(frame: Frame): void {
    frame.writingRecLSN = noLSN
    this.#pages.delete(frame.pageId)
    if (frame.recLSN !== noLSN) this.#pages.set(frame.pageId, frame)
  }

  /** Oldest recLSN first, nearly. */
  frames(): IterableIterator<Frame> {
    return this.#pages.values()
  }

  /** The table at this moment. */
  snapshot(): PageEntry[] {
    const entries: PageEntry[] = []
    for (const frame of this.#pages.values()) {
      entries.push({ pageId: frame.pageId, recLSN: recLSNOf(frame) })
    }
    return entries
  }

  /** The least recLSN, or `otherwise` when every page is clean. */
  redoLSN(otherwise: LSN): LSN {
    let least = otherwise
    for (const frame of this.#pages.values()) {
      const recLSN = recLSNOf(frame)
      if (recLSN < least) least = recLSN
    }
    return least
  }
}

/** The first record whose change the page on disk may lack. */
export function recLSNOf(frame: Frame): LSN {
  return frame.writingRecLSN === noLSN ? frame.recLSN : frame.writingRecLSN
}
