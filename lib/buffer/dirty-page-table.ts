import { noLSN, type PageEntry } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { Frame } from './frame.ts'
import { LostPages } from './lost-pages.ts'

/**
 * The pages in memory that are newer than on disk (ARIES: dirty_pages table), each with its recLSN:
 * the first record whose change the page on disk may lack.
 *
 * recLSN is noted before the change is applied (H30). A page that is changed while a copy of it is
 * being written has two: that of the copy holds until the copy is durable, then the other one.
 *
 * DEVIATION(ARIES 4.4): a page that is being written can be changed, because a copy is written.
 *
 * REQUIRES: changes are noted in the order of their records, as they are made. So the pages that
 * were changed are in the order of their recLSNs, and the least one needs no search.
 *
 * Lost pages are dirty for checkpoints, and for nobody else: there is nothing to write of them.
 */
export class DirtyPageTable {
  /** Changed since a copy was last taken; by recLSN. */
  readonly #changed = new Map<number, Frame>()
  /** A copy is being written. */
  readonly #writing = new Map<number, Frame>()
  /** Not dirty in memory: their changes are in the log and nowhere else. */
  readonly lost = new LostPages()
  #size = 0

  /** Pages in memory. */
  get size(): number {
    return this.#size
  }

  /** The record at `lsn` is about to change the page. REQUIRES: to make it whole if it is lost. */
  noteChange(frame: Frame, lsn: LSN): void {
    if (frame.recLSN !== noLSN) return
    this.lost.madeWhole(frame.pageId)
    frame.recLSN = lsn
    this.#changed.set(frame.pageId, frame)
    if (frame.writingRecLSN === noLSN) this.#size += 1
  }

  /** A copy of the page was taken and is being written. */
  beginWrite(frame: Frame): void {
    frame.writingRecLSN = frame.recLSN
    frame.recLSN = noLSN
    this.#changed.delete(frame.pageId)
    this.#writing.set(frame.pageId, frame)
  }

  /** The copy is durable. */
  endWrite(frame: Frame): void {
    frame.writingRecLSN = noLSN
    this.#writing.delete(frame.pageId)
    if (frame.recLSN === noLSN) this.#size -= 1
  }

  /** The pages that a copy could be taken of, oldest recLSN first. */
  frames(): IterableIterator<Frame> {
    return this.#changed.values()
  }

  /** The table at this moment, lost pages included. */
  snapshot(): PageEntry[] {
    const entries = this.lost.entries()
    for (const { pageId, writingRecLSN } of this.#writing.values()) {
      entries.push({ pageId, recLSN: writingRecLSN })
    }
    for (const { pageId, recLSN, writingRecLSN } of this.#changed.values()) {
      if (writingRecLSN === noLSN) entries.push({ pageId, recLSN })
    }
    return entries
  }

  /** The least recLSN in memory, or `otherwise` when every page there is clean or younger. */
  redoLSN(otherwise: LSN): LSN {
    let least = otherwise
    for (const { writingRecLSN } of this.#writing.values()) {
      if (writingRecLSN < least) least = writingRecLSN
    }
    const oldest = this.#changed.values().next().value
    return oldest !== undefined && oldest.recLSN < least ? oldest.recLSN : least
  }
}
