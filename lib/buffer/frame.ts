import type { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import { pageHeader, pageTypeFree } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'

const twoTo32 = 2 ** 32
const idWord = pageHeader.pageId >> 2
const lsnWord = pageHeader.pageLSN >> 2
const typeWord = pageHeader.pageType >> 2

/**
 * A place for one page in memory. A change of a page is one synchronous step, so between two turns
 * of the event loop every page is whole: nothing else latches it.
 *
 * DEVIATION(ARIES 5.1): there are no page latches.
 */
export class Frame {
  readonly index: number
  /** The page without its header. */
  readonly body: Uint8Array
  readonly #words: Uint32Array
  readonly #at: number
  /** 0: the frame is free. */
  pageId = 0
  /** A pinned page stays where it is. */
  pins = 0
  /** Kept for undo: see UndoFrames. */
  isForUndo = false
  /** Used since the clock's hand came by. */
  isReferenced = false
  /** Resolves with the frame when the page has been read; undefined when it is there. */
  loading: Promise<Frame> | undefined
  /** Why the page cannot be used; it is known to be so on disk. */
  failure: SeawallError | undefined
  /** First change since a copy for writing was last taken; 0: none. */
  recLSN: LSN = noLSN
  /** While a copy is being written: first change that the page on disk may lack. */
  writingRecLSN: LSN = noLSN

  /** `words` is the arena, `at` the first word of the frame in it. */
  constructor(index: number, words: Uint32Array, at: number, pageBytes: number) {
    this.index = index
    this.#words = words
    this.#at = at
    this.body = new Uint8Array(
      words.buffer,
      4 * at + pageHeader.bytes,
      pageBytes - pageHeader.bytes,
    )
  }

  get isDirty(): boolean {
    return this.recLSN !== noLSN || this.writingRecLSN !== noLSN
  }

  /** LSN of the last record applied to the page; 0 when there was none. */
  get pageLSN(): LSN {
    const at = this.#at + lsnWord
    return ((this.#words[at] as number) + (this.#words[at + 1] as number) * twoTo32) as LSN
  }

  set pageLSN(lsn: LSN) {
    const at = this.#at + lsnWord
    this.#words[at] = lsn
    this.#words[at + 1] = Math.floor(lsn / twoTo32)
  }

  get pageType(): number {
    return this.#words[this.#at + typeWord] as number
  }

  set pageType(type: number) {
    this.#words[this.#at + typeWord] = type
  }

  /** Makes the frame that of a page which has nothing in it yet. */
  becomeEmpty(pageId: number): void {
    this.#words.fill(0, this.#at, this.#at + (pageHeader.bytes >> 2))
    this.body.fill(0)
    this.pageId = pageId
    this.#words[this.#at + idWord] = pageId
    this.pageType = pageTypeFree
    this.failure = undefined
  }
}
