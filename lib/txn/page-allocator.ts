import type { BufferPool } from '../buffer/buffer-pool.ts'
import type { Frame } from '../buffer/frame.ts'
import type { PageFile } from '../buffer/page-file.ts'
import { SeawallError } from '../errors.ts'
import { pageIdMax, pageTypeFree, pageTypeMap, pageTypeUser } from '../format/layout.ts'
import {
  clearBitOperation,
  encodeBit,
  findClearBit,
  mapCoverage,
  mapPageId,
  mapPlaceOf,
  takeBitOperation,
} from '../operation/allocation-map.ts'
import {
  encodePageType,
  formatPageOperation,
  setPageTypeOperation,
} from '../operation/page-type.ts'
import type { PageChanges } from './page-changes.ts'
import type { TransactionState } from './transaction-table.ts'

// The file grows by an eighth, but by at least and at most so many bytes.
const growthBytesMin = 1024 * 1024
const growthBytesMax = 64 * 1024 * 1024

/** Whether the transaction may have the page: it is then locked for it. */
export type TryLock = (pageId: number) => boolean

/**
 * Hands out pages and takes them back; both are logged and undone like any change.
 *
 * A page that is freed stays out of reach until the transaction that freed it has ended: a rollback
 * brings it back as it was, so nobody may have formatted it meanwhile.
 */
export class PageAllocator {
  readonly #file: PageFile
  readonly #pool: BufferPool
  readonly #changes: PageChanges
  /** Chosen, and not in the map yet. */
  readonly #chosen = new Set<number>()
  readonly #freedBy = new Map<number, TransactionState>()
  /** No page below is free, except by luck. */
  #searchFrom = 0

  constructor(file: PageFile, pool: BufferPool, changes: PageChanges) {
    this.#file = file
    this.#pool = pool
    this.#changes = changes
  }

  /**
   * A new, empty page, pinned.
   *
   * @throws ERR_SEAWALL_NO_SPACE before anything is logged, and what `PageChanges.update` throws
   */
  async allocate(state: TransactionState, tryLock: TryLock): Promise<Frame> {
    const { bodyBytes } = this.#file
    const start = mapPlaceOf(Math.max(1, this.#searchFrom), bodyBytes)
    let from = start.bit
    for (let map = start.map; ; map++, from = 0) {
      const id = mapPageId(map, bodyBytes)
      if (id > pageIdMax - mapCoverage(bodyBytes)) throw new SeawallError('ERR_SEAWALL_NO_SPACE')
      const mapFrame = await this.#pool.pin(id, state)
      try {
        if (mapFrame.failure !== undefined) throw mapFrame.failure
        if (mapFrame.pageType === pageTypeFree) this.#formatMap(mapFrame)
        const bit = this.#choose(mapFrame, from, id, tryLock)
        if (bit === undefined) continue
        return await this.#take(state, mapFrame, id, bit)
      } finally {
        this.#pool.unpin(mapFrame)
      }
    }
  }

  /** REQUIRES: `frame` is pinned, allocated, and locked for the transaction. */
  async free(state: TransactionState, frame: Frame): Promise<void> {
    const { pageId } = frame
    const place = mapPlaceOf(pageId, this.#file.bodyBytes)
    const mapFrame = await this.#pool.pin(mapPageId(place.map, this.#file.bodyBytes), state)
    try {
      if (mapFrame.failure !== undefined) throw mapFrame.failure
      this.#changes.update(state, mapFrame, clearBitOperation, encodeBit(place.bit))
      this.#freedBy.set(pageId, state)
      const type = encodePageType(pageTypeUser, pageTypeFree)
      this.#changes.update(state, frame, setPageTypeOperation, type)
    } finally {
      this.#pool.unpin(mapFrame)
    }
  }

  /** What the transaction freed can be used again, or is in use again; the same of what it took. */
  ended(state: TransactionState): void {
    this.#searchFrom = Math.min(this.#searchFrom, state.lowestTakenPage)
    if (this.#freedBy.size === 0) return
    for (const [pageId, by] of this.#freedBy) {
      if (by !== state) continue
      this.#freedBy.delete(pageId)
      this.#searchFrom = Math.min(this.#searchFrom, pageId)
    }
  }

  #choose(mapFrame: Frame, from: number, id: number, tryLock: TryLock): number | undefined {
    // Never the map itself: a crash may have come between the format of a map and its first bit.
    return findClearBit(mapFrame.body, Math.max(1, from), (candidate) => {
      const pageId = id + candidate
      return !this.#chosen.has(pageId) && !this.#freedBy.has(pageId) && tryLock(pageId)
    })
  }

  async #take(state: TransactionState, mapFrame: Frame, id: number, bit: number): Promise<Frame> {
    const pageId = id + bit
    this.#chosen.add(pageId)
    try {
      await this.#makeRoomFor(pageId)
      const frame = await this.#pool.pinUnread(pageId, state)
      try {
        // What a free page held does not matter, nor that it could not be read.
        if (frame.failure !== undefined) frame.becomeEmpty(pageId)
        state.lowestTakenPage = Math.min(state.lowestTakenPage, pageId)
        this.#changes.update(state, mapFrame, takeBitOperation, encodeBit(bit))
        const type = encodePageType(pageTypeFree, pageTypeUser)
        this.#changes.update(state, frame, formatPageOperation, type)
      } catch (error) {
        this.#pool.unpin(frame)
        throw error
      }
      this.#searchFrom = pageId + 1
      return frame
    } finally {
      this.#chosen.delete(pageId)
    }
  }

  // Of no transaction: others use the map although the one that made it is rolled back.
  #formatMap(mapFrame: Frame): void {
    const type = encodePageType(pageTypeFree, pageTypeMap)
    this.#changes.system(mapFrame, formatPageOperation, type)
    this.#changes.system(mapFrame, takeBitOperation, encodeBit(0))
  }

  async #makeRoomFor(pageId: number): Promise<void> {
    const { filePages, pageBytes } = this.#file
    if (pageId < filePages) return
    const eighth = (filePages * pageBytes) / 8
    const growthBytes = Math.min(growthBytesMax, Math.max(growthBytesMin, eighth))
    const growthPages = Math.ceil(growthBytes / pageBytes)
    await this.#file.grow(Math.min(pageIdMax, pageId + growthPages))
  }
}
