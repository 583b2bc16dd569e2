import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import { type Clock as Time, systemClock } from '../util/clock.ts'
import { Clock } from './clock.ts'
import { DirtyPageTable } from './dirty-page-table.ts'
import type { Frame } from './frame.ts'
import type { PageFile } from './page-file.ts'
import { PageWriter } from './page-writer.ts'

// Transactions that pin every frame may be waiting for each other's locks, or for a frame like the
// one who waits here: it must not be for ever.
const unpinWaitMs = 1000

export interface BufferPoolStats {
  frames: number
  cachedPages: number
  pinnedPages: number
  dirtyPages: number
  hits: number
  misses: number
  evictions: number
}

/**
 * The pages in memory: at most `frameCount` of them. A page that is pinned stays; others are given
 * up when room is needed, after they were written if they are dirty.
 */
export class BufferPool {
  readonly dirtyPages = new DirtyPageTable()
  readonly writer: PageWriter
  readonly #file: PageFile
  readonly #clock: Clock
  readonly #time: Time
  readonly #frames = new Map<number, Frame>()
  #usedFrames = 0
  #free: Frame[] = []
  #hits = 0
  #misses = 0
  #evictions = 0
  readonly #unpinWaiters: (() => void)[] = []

  constructor(file: PageFile, onFailure: (error: unknown) => void, time: Time = systemClock) {
    this.#file = file
    this.#time = time
    this.#clock = new Clock((index) => file.frame(index), file.frameCount)
    this.writer = new PageWriter(file, this.dirtyPages, onFailure, time)
  }

  /**
   * The frame of the page, pinned once more; at once when the page is in memory. The page may be
   * unusable: see `frame.failure`. Every pin is given back with `unpin`.
   *
   * @throws ERR_SEAWALL_BUFFER_POOL_FULL when every frame is pinned, ERR_SEAWALL_IO
   */
  pin(pageId: number): Frame | Promise<Frame> {
    const frame = this.#frames.get(pageId)
    if (frame === undefined) return this.#load(pageId)
    this.#hits += 1
    frame.pins += 1
    frame.isReferenced = true
    return frame.loading ?? frame
  }

  /** Like `pin`, for a page whose content does not matter: it is not read. */
  async pinUnread(pageId: number): Promise<Frame> {
    while (true) {
      const present = this.#frames.get(pageId)
      if (present !== undefined) return this.pin(pageId)
      const frame = this.#takeFree() ?? (await this.#waitForFree())
      if (this.#frames.has(pageId)) {
        this.#giveBack(frame)
        continue
      }
      frame.becomeEmpty(pageId)
      this.#install(frame, pageId)
      return frame
    }
  }

  /** The page if it is in memory and read; not pinned. */
  peek(pageId: number): Frame | undefined {
    const frame = this.#frames.get(pageId)
    return frame?.loading === undefined ? frame : undefined
  }

  unpin(frame: Frame): void {
    frame.pins -= 1
    if (frame.pins === 0 && this.#unpinWaiters.length > 0) this.#unpinWaiters.shift()?.()
  }

  /** The record at `lsn` is about to change the page (H30: before it does). */
  noteChange(frame: Frame, lsn: LSN): void {
    this.dirtyPages.noteChange(frame, lsn)
    this.writer.pageChanged()
  }

  /**
   * The record at `lsn` cannot be applied, because of `frame.failure`; the redo of the page has to
   * begin at `recLSN`. A page ahead of the log is given up at once: when the log has grown beyond
   * its pageLSN, nothing else would tell that it is not of this log (H56).
   */
  noteLost({ pageId, failure }: Frame, recLSN: LSN, lsn: LSN): void {
    const code = failure?.code ?? 'ERR_SEAWALL_DAMAGED_PAGE'
    const mayBeRedone = code === 'ERR_SEAWALL_DAMAGED_PAGE'
    this.dirtyPages.lost.note({ pageId, recLSN: mayBeRedone ? recLSN : noLSN, lsn, code })
  }

  /** Resolves when nothing is read or written any more; what begins later fails or is dropped. */
  async stop(): Promise<void> {
    await this.writer.stop()
    await this.#file.stop()
  }

  stats(): BufferPoolStats {
    let pinnedPages = 0
    for (const frame of this.#frames.values()) if (frame.pins > 0) pinnedPages += 1
    return {
      frames: this.#file.frameCount,
      cachedPages: this.#frames.size,
      pinnedPages,
      dirtyPages: this.dirtyPages.size,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    }
  }

  #load(pageId: number): Frame | Promise<Frame> {
    const frame = this.#takeFree()
    return frame === undefined ? this.#loadLater(pageId) : this.#read(frame, pageId)
  }

  async #loadLater(pageId: number): Promise<Frame> {
    const frame = await this.#waitForFree()
    if (!this.#frames.has(pageId)) return this.#read(frame, pageId)
    // Somebody else has begun to read the page meanwhile.
    this.#giveBack(frame)
    return this.pin(pageId)
  }

  // One promise for everyone who asks for the page until it is there.
  #read(frame: Frame, pageId: number): Promise<Frame> {
    this.#misses += 1
    this.#install(frame, pageId)
    const loading = new Promise<Frame>((resolve, reject) => {
      this.#file.read(frame, pageId, (error) => {
        frame.loading = undefined
        if (error === undefined) return resolve(this.#refuseIfLost(frame))
        // A read that failed says nothing about the page: the next pin reads again.
        this.#frames.delete(pageId)
        this.#giveBack(frame)
        reject(error)
      })
    })
    frame.loading = loading
    return loading
  }

  // What is on disk reads well, and is not what the page should be.
  #refuseIfLost(frame: Frame): Frame {
    const { pageId: page } = frame
    if (this.dirtyPages.lost.has(page)) {
      const detail = 'changes that are in the log could not be redone in it'
      frame.failure ??= new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { page, detail })
    }
    return frame
  }

  #giveBack(frame: Frame): void {
    frame.pageId = 0
    frame.pins = 0
    this.#free.push(frame)
  }

  #install(frame: Frame, pageId: number): void {
    frame.pageId = pageId
    frame.pins = 1
    frame.isReferenced = true
    frame.failure = undefined
    this.#frames.set(pageId, frame)
  }

  // A frame that was taken counts as pinned, so that nobody else takes it.
  #takeFree(): Frame | undefined {
    const frame = this.#free.pop() ?? this.#unused() ?? this.#evict()
    if (frame !== undefined) frame.pins = 1
    return frame
  }

  #unused(): Frame | undefined {
    return this.#usedFrames < this.#file.frameCount
      ? this.#file.frame(this.#usedFrames++)
      : undefined
  }

  #evict(): Frame | undefined {
    const victim = this.#clock.victim()
    if (victim === undefined) return undefined
    this.#evictions += 1
    this.#frames.delete(victim.pageId)
    victim.pageId = 0
    return victim
  }

  async #waitForFree(): Promise<Frame> {
    while (true) {
      const mayBeFree = (await this.writer.cleanUnpinned()) || (await this.#unpinned())
      const frame = this.#takeFree()
      if (frame !== undefined) return frame
      if (!mayBeFree) throw new SeawallError('ERR_SEAWALL_BUFFER_POOL_FULL')
    }
  }

  /** Waits until a page is unpinned; false when none was within `unpinWaitMs`. */
  #unpinned(): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel()
        resolve(true)
      }
      const timer = this.#time.after(unpinWaitMs, true, () => {
        this.#unpinWaiters.splice(this.#unpinWaiters.indexOf(wake), 1)
        resolve(false)
      })
      this.#unpinWaiters.push(wake)
    })
  }
}
