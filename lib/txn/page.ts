import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { Frame } from '../buffer/frame.ts'
import type { Undoing } from '../buffer/undo-frames.ts'
import { SeawallError } from '../errors.ts'
import { pageIdMax, pageTypeUser } from '../format/layout.ts'
import type { LSN } from '../format/lsn.ts'
import type { PinnedPage } from '../operation/page-actions.ts'
import { show } from '../util/show.ts'

/**
 * A page of a transaction: it stays in memory until the transaction ends, or until it has been
 * released as often as it was asked for.
 */
export class Page implements PinnedPage {
  /** Its number in the data file; the same for as long as it is allocated. */
  readonly id: number
  readonly #pool: BufferPool
  #frame: Frame | undefined
  #holds = 1

  /** @internal */
  constructor(pool: BufferPool, frame: Frame) {
    this.id = frame.pageId
    this.#pool = pool
    this.#frame = frame
  }

  /**
   * The page without its header, as it is now: a view of the page itself, which every change shows
   * in. Only to be read: what is written here without a record is lost or worse.
   *
   * @throws ERR_SEAWALL_TRANSACTION_ENDED after the page was released
   */
  get body(): Uint8Array {
    return this.frame.body
  }

  /** The last record applied to the page. */
  get lsn(): LSN {
    return this.frame.pageLSN
  }

  /** @internal */
  get frame(): Frame {
    if (this.#frame === undefined) {
      throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED', {
        page: this.id,
        detail: 'the page was released',
      })
    }
    return this.#frame
  }

  /** Lets the page go before the transaction ends; its lock stays. */
  release(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.letGo()
  }

  /** @internal */
  holdOnceMore(): void {
    this.#holds += 1
  }

  /** @internal Whoever else may hold it. */
  letGo(): void {
    if (this.#frame === undefined) return
    this.#pool.unpin(this.#frame)
    this.#frame = undefined
  }

  /** @internal */
  get isHeld(): boolean {
    return this.#frame !== undefined
  }
}

/** The pages that a transaction, a nested top action or an undo holds. */
export class HeldPages {
  readonly #pool: BufferPool
  readonly #by: Undoing | undefined
  readonly #pages = new Map<number, Page>()
  #isOver = false

  /** `by`: for whom it is an undo that holds them. */
  constructor(pool: BufferPool, by?: Undoing) {
    this.#pool = pool
    this.#by = by
  }

  /**
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_UNKNOWN_PAGE, ERR_SEAWALL_DAMAGED_PAGE,
   * ERR_SEAWALL_PAGE_AHEAD_OF_LOG, ERR_SEAWALL_BUFFER_POOL_FULL, ERR_SEAWALL_IO,
   * ERR_SEAWALL_TRANSACTION_ENDED
   */
  hold(pageId: number): Page | Promise<Page> {
    if (pageId === 0) throw new SeawallError('ERR_SEAWALL_UNKNOWN_PAGE', { page: pageId })
    const held = this.#pages.get(pageId)
    if (held?.isHeld === true) {
      checkUsable(held.frame)
      held.holdOnceMore()
      return held
    }
    const pinned = this.#pool.pin(pageId, this.#by)
    return pinned instanceof Promise
      ? pinned.then((frame) => this.#take(frame))
      : this.#take(pinned)
  }

  /** Takes over a pin. */
  take(frame: Frame): Page {
    return this.#take(frame)
  }

  releaseAll(): void {
    this.#isOver = true
    for (const page of this.#pages.values()) page.letGo()
    this.#pages.clear()
  }

  #take(frame: Frame): Page {
    try {
      if (this.#isOver) throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED')
      checkUsable(frame)
    } catch (error) {
      this.#pool.unpin(frame)
      throw error
    }
    // Another call may have brought it meanwhile: one pin is enough.
    const present = this.#pages.get(frame.pageId)
    if (present?.isHeld === true) {
      this.#pool.unpin(frame)
      present.holdOnceMore()
      return present
    }
    const page = new Page(this.#pool, frame)
    this.#pages.set(page.id, page)
    return page
  }
}

export function checkPageId(pageId: unknown): asserts pageId is number {
  const isId =
    Number.isInteger(pageId) && (pageId as number) >= 0 && (pageId as number) <= pageIdMax
  if (isId) return
  throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: `not a page: ${show(pageId)}` })
}

function checkUsable(frame: Frame): void {
  if (frame.failure !== undefined) throw frame.failure
  if (frame.pageType === pageTypeUser) return
  throw new SeawallError('ERR_SEAWALL_UNKNOWN_PAGE', { page: frame.pageId })
}
