import type { ErrorCode } from '../errors.ts'
import { noLSN, type PageEntry } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'

/** A page that could not be used when a change in the log had to be applied to it. */
export interface LostPage {
  readonly pageId: number
  /** The page on disk may lack changes from here on; 0: it is given up. */
  readonly recLSN: LSN
  /** The first record that was not applied; 0: not known any more. */
  readonly lsn: LSN
  /** What stood in the way. */
  readonly code: ErrorCode
}

/**
 * The pages that lack changes of the log, in memory as on disk, because they could not be read when
 * it was time to apply them. A sector that cannot be read now may be readable later, and then holds
 * an old version of the page whose checksum is right: committed changes are missing in it, and those
 * of transactions that were rolled back may show. So
 *
 * - no such version is handed out: what is read of the page is refused (P3);
 * - every checkpoint names the page with its recLSN, so that the log is kept from there (H32) and
 *   each restart tries again: durable commits are not forgotten with it (P1);
 * - a log that gets full of waiting for it is let go, for it must not stop everyone else (H40). The
 *   page is given up then, which checkpoints go on to say (recLSN 0): without its redo, what stands
 *   on disk is never believed again.
 *
 * It ends when the page is written anew, from a record that needs nothing of what was there.
 */
export class LostPages {
  readonly #pages = new Map<number, LostPage>()

  get size(): number {
    return this.#pages.size
  }

  has(pageId: number): boolean {
    return this.#pages.has(pageId)
  }

  values(): IterableIterator<LostPage> {
    return this.#pages.values()
  }

  /** The older recLSN stays, and the first record. */
  note(page: LostPage): void {
    const present = this.#pages.get(page.pageId)
    if (present === undefined) this.#pages.set(page.pageId, page)
    else if (page.recLSN < present.recLSN) this.#giveRecLSN(present, page.recLSN)
  }

  /** A checkpoint says that it was given up. */
  noteGivenUp(pageId: number): void {
    this.note({ pageId, recLSN: noLSN, lsn: noLSN, code: 'ERR_SEAWALL_DAMAGED_PAGE' })
  }

  /** Its content is from the log alone now. */
  madeWhole(pageId: number): void {
    if (this.#pages.size > 0) this.#pages.delete(pageId)
  }

  /** The one that keeps the log from the lowest LSN; undefined: none keeps any. */
  oldest(): LostPage | undefined {
    let oldest: LostPage | undefined
    for (const page of this.#pages.values()) {
      if (page.recLSN === noLSN) continue
      if (oldest === undefined || page.recLSN < oldest.recLSN) oldest = page
    }
    return oldest
  }

  /** Pages whose redo begins below `lsn` are not waited for any more, from the next checkpoint on. */
  giveUpBefore(lsn: LSN): void {
    for (const page of this.#pages.values()) {
      if (page.recLSN < lsn) this.#giveRecLSN(page, noLSN)
    }
  }

  /** As checkpoints name them. */
  entries(): PageEntry[] {
    return Array.from(this.#pages.values(), ({ pageId, recLSN }) => ({ pageId, recLSN }))
  }

  #giveRecLSN(page: LostPage, recLSN: LSN): void {
    this.#pages.set(page.pageId, { ...page, recLSN })
  }
}
