import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import { type Clock as Time, systemClock } from '../util/clock.ts'
import { Clock } from './clock.ts'
import { DirtyPageTable } from './dirty-page-table.ts'
import type { Frame } from './frame.ts'
import type { PageFile } from './page-file.ts'
import { PageWriter } from './page-writer.ts'
import { undoFrameCount, UndoFrames, type Undoing } from './undo-frames.ts'

// Transactions that pin every frame may be waiting for each other's locks, or for a frame like the
// one who waits here: it must not be for ever.
const unpinWaitMs = 1000

/** Counters since the engine was opened, and the state. */
export interface BufferPoolStats {
  /** Pages that memory has room for; fixed. */
  frames: number
  /** Gauge: pages in memory. */
  cachedPages: number
  /** Gauge: pages that somebody holds: they cannot be given up. */
  pinnedPages: number
  /** Gauge: pages whose newest version is not on disk yet. */
  dirtyPages: number
  /** Gauge: pages that lack changes of the log and are refused. */
  damagedPages: number
  /** Counter: pages asked for that were in memory. */
  hits: number
  /** Counter: pages asked for that had to be read. */
  misses: number
  /** Counter: pages that were given up for others. */
  evictions: number
}

/**
 * The pages in memory: at most `frameCount` of them. A page that is pinned stays; others are given
 * up when room is needed, after they were written if they are dirty. Some of the frames are for undo
 * alone, when it finds no other: see UndoFrames.
 */
export class BufferPool {
  readonly dirtyPages = new DirtyPageTable()
  readonly writer: PageWriter
  readonly #file: PageFile
  readonly #clock: Clock
  readonly #time: Time
  /** By page; without those kept for undo. */
  readonly #frames = new Map<number, Frame>()
  readonly #undoFrames: UndoFrames
  readonly #ordinaryFrameCount: number
  #usedFrames = 0
  #free: Frame[] = []
  #hits = 0
  #misses = 0
  #evictions = 0
  readonly #unpinWaiters: (() => void)[] = []

  constructor(file: PageFile, onFailure: (error: unknown) => void, time: Time = systemClock) {
    this.#file = file
    this.#time = time
    const { frameCount } = file
    this.#clock = new Clock((index) => file.frame(index), frameCount)
    const length = undoFrameCount(frameCount)
    this.#ordinaryFrameCount = frameCount - length
    this.#undoFrames = new UndoFrames(
      Array.from({ length }, (_, i) => file.frame(this.#ordinaryFrameCount + i)),
    )
    this.writer = new PageWriter(file, this.dirtyPages, onFailure, time)
  }

  /**
   * The frame of the page, pinned once more; at once when the page is in memory. The page may be
   * unusable: see `frame.failure`. Every pin is given back with `unpin`.
   *
   * @param by whose page it is. While a record of it is undone, the frames for undo can be taken; the
   * pin has to be given back before `undoIsOver`.
   * @throws ERR_SEAWALL_BUFFER_POOL_FULL when every frame is pinned (to an undo: when it has all that
   * are for undo itself), ERR_SEAWALL_IO
   */
  pin(pageId: number, by?: Undoing): Frame | Promise<Frame> {
    const frame = this.#frames.get(pageId)
    if (frame === undefined) return this.#load(pageId, by, true)
    this.#hits += 1
    frame.pins += 1
    frame.isReferenced = true
    return frame.loading ?? frame
  }

  /** Like `pin`, for a page whose content does not matter: it is not read. */
  async pinUnread(pageId: number, by?: Undoing): Promise<Frame> {
    return this.#frames.has(pageId) ? this.pin(pageId, by) : this.#load(pageId, by, false)
  }

  /** No record of the transaction is being undone any more: others can have the frames for undo. */
  undoIsOver(by: Undoing): void {
    this.#undoFrames.disown(by)
  }

  /** The page if it is in memory and read; not pinned. */
  peek(pageId: number): Frame | undefined {
    const frame = this.#frames.get(pageId) ?? this.#undoFrames.find(pageId)
    return frame?.loading === undefined ? frame : undefined
  }

  unpin(frame: Frame): void {
    frame.pins -= 1
    if (frame.pins > 0 || this.#unpinWaiters.length === 0 || frame.isForUndo) return
    this.#unpinWaiters.shift()?.()
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
    let cachedPages = this.#frames.size
    let pinnedPages = 0
    for (const frame of this.#frames.values()) if (frame.pins > 0) pinnedPages += 1
    for (const frame of this.#undoFrames) {
      if (frame.pageId === 0) continue
      cachedPages += 1
      if (frame.pins > 0) pinnedPages += 1
    }
    return {
      frames: this.#file.frameCount,
      cachedPages,
      pinnedPages,
      dirtyPages: this.dirtyPages.size,
      damagedPages: this.dirtyPages.lost.size,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    }
  }

  #load(pageId: number, by: Undoing | undefined, isRead: boolean): Frame | Promise<Frame> {
    const undoing = by === undefined || by.undosRunning === 0 ? undefined : by
    // Undo changes a page many times over: it stays where it is.
    const isThere = undoing !== undefined && this.#undoFrames.find(pageId) !== undefined
    const frame = isThere ? undefined : this.#takeFree(false)
    if (frame !== undefined) return this.#fill(frame, pageId, isRead)
    return undoing === undefined
      ? this.#loadLater(pageId, isRead)
      : this.#loadForUndo(pageId, undoing, isRead)
  }

  async #loadLater(pageId: number, isRead: boolean): Promise<Frame> {
    return this.#fill(await this.#waitForFree(false), pageId, isRead)
  }

  async #loadForUndo(pageId: number, undoing: Undoing, isRead: boolean): Promise<Frame> {
    const isThere = this.#undoFrames.find(pageId) !== undefined
    if (!isThere && (await this.writer.cleanUnpinned())) {
      const frame = this.#takeFree(false)
      if (frame !== undefined) return this.#fill(frame, pageId, isRead)
    }
    await this.#undoFrames.own(undoing)
    const present = this.#frames.get(pageId) ?? this.#undoFrames.find(pageId)
    if (present !== undefined) return this.#onceMore(present)
    // There is one, or will be when it is written, unless this undo alone pins all of them.
    const frame = this.#takeFree(true) ?? (await this.#waitForFree(true))
    return this.#fill(frame, pageId, isRead)
  }

  // The page may have come into memory while the frame was waited for.
  #fill(frame: Frame, pageId: number, isRead: boolean): Frame | Promise<Frame> {
    const forUndo = this.#undoFrames.find(pageId)
    const present = this.#frames.get(pageId) ?? forUndo
    if (present === undefined) {
      return isRead ? this.#read(frame, pageId) : this.#empty(frame, pageId)
    }
    if (present === forUndo && !frame.isForUndo) {
      frame.pins = 0
      this.#undoFrames.exchange(present, frame)
      this.#frames.set(pageId, present)
    } else {
      this.#giveBack(frame)
    }
    return this.#onceMore(present)
  }

  #onceMore(frame: Frame): Frame | Promise<Frame> {
    this.#hits += 1
    frame.pins += 1
    frame.isReferenced = true
    return frame.loading ?? frame
  }

  #empty(frame: Frame, pageId: number): Frame {
    frame.becomeEmpty(pageId)
    this.#install(frame, pageId)
    return frame
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
        if (!frame.isForUndo) this.#frames.delete(pageId)
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
    if (!frame.isForUndo) this.#free.push(frame)
  }

  #install(frame: Frame, pageId: number): void {
    frame.pageId = pageId
    frame.pins = 1
    frame.isReferenced = true
    frame.failure = undefined
    if (!frame.isForUndo) this.#frames.set(pageId, frame)
  }

  // A frame that was taken counts as pinned, so that nobody else takes it.
  #takeFree(isForUndo: boolean): Frame | undefined {
    const ordinary = this.#free.pop() ?? this.#unused() ?? this.#evict(this.#clock.victim())
    const frame = ordinary ?? (isForUndo ? this.#evict(this.#undoFrames.free()) : undefined)
    if (frame !== undefined) frame.pins = 1
    return frame
  }

  #unused(): Frame | undefined {
    return this.#usedFrames < this.#ordinaryFrameCount
      ? this.#file.frame(this.#usedFrames++)
      : undefined
  }

  #evict(victim: Frame | undefined): Frame | undefined {
    if (victim === undefined || victim.pageId === 0) return victim
    this.#evictions += 1
    if (!victim.isForUndo) this.#frames.delete(victim.pageId)
    victim.pageId = 0
    return victim
  }

  async #waitForFree(isForUndo: boolean): Promise<Frame> {
    while (true) {
      const mayBeFree = (await this.writer.cleanUnpinned()) || (await this.#unpinned())
      const frame = this.#takeFree(isForUndo)
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
