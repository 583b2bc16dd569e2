import { pageTypeFree } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { PageCondition, PageFileLayout } from '../survey/survey-types.ts'

/** What is remembered of each page takes nine bytes: at most 72 MiB. */
export const rememberedPagesMax = 8 * 1024 * 1024
const damagedMax = 10_000
const unknownType = 255

/** The pages of a store as they were found, in a form that is small enough for millions of them. */
export class PagesSeen {
  /** Page 0 included. */
  readonly pages: number
  readonly #pageLSNs: Float64Array
  readonly #pageTypes: Uint8Array
  readonly #damaged = new Map<number, PageCondition>()
  /** More were damaged than are remembered. */
  #damagedMore = 0

  constructor(layout: PageFileLayout | undefined) {
    this.pages = layout?.pages ?? 0
    const remembered = Math.min(this.pages, rememberedPagesMax)
    this.#pageLSNs = new Float64Array(remembered).fill(NaN)
    this.#pageTypes = new Uint8Array(remembered).fill(unknownType)
  }

  /** Pages that are remembered, from page 0 on. */
  get remembered(): number {
    return this.#pageLSNs.length
  }

  note(page: PageCondition): void {
    const { pageId, condition, pageLSN, pageType } = page
    this.#damaged.delete(pageId)
    if (condition !== 'valid' && condition !== 'never written') {
      if (this.#damaged.size < damagedMax) this.#damaged.set(pageId, page)
      else this.#damagedMore += 1
      this.#forget(pageId)
      return
    }
    if (pageId >= this.#pageLSNs.length) return
    this.#pageLSNs[pageId] = condition === 'valid' ? pageLSN : 0
    this.#pageTypes[pageId] = condition === 'valid' ? pageType : pageTypeFree
  }

  /** The copy stands for the damaged page: a restart puts it there. */
  noteCopy(pageId: number, pageLSN: LSN): void {
    this.#damaged.delete(pageId)
    if (pageId < this.#pageLSNs.length) this.#pageLSNs[pageId] = pageLSN
  }

  /** 0: never written. Undefined: not known. */
  pageLSN(pageId: number): LSN | undefined {
    const lsn = this.#pageLSNs[pageId]
    return lsn === undefined || Number.isNaN(lsn) ? undefined : (lsn as LSN)
  }

  isDamaged(pageId: number): boolean {
    return this.#damaged.has(pageId)
  }

  /** Undefined: not known. */
  pageType(pageId: number): number | undefined {
    const pageType = this.#pageTypes[pageId]
    return pageType === unknownType ? undefined : pageType
  }

  /** Pages that were changed at or behind the end of the log. */
  *beyond(endLSN: LSN): Generator<{ pageId: number; pageLSN: LSN }, void> {
    for (let pageId = 0; pageId < this.#pageLSNs.length; pageId++) {
      const pageLSN = this.#pageLSNs[pageId] as number
      if (pageLSN >= endLSN) yield { pageId, pageLSN: pageLSN as LSN }
    }
  }

  damaged(): PageCondition[] {
    return [...this.#damaged.values()]
  }

  get damagedMore(): number {
    return this.#damagedMore
  }

  #forget(pageId: number): void {
    if (pageId >= this.#pageLSNs.length) return
    this.#pageLSNs[pageId] = NaN
    this.#pageTypes[pageId] = unknownType
  }
}
