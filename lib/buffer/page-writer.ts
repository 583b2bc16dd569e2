import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import { type Clock, systemClock, type Timer } from '../util/clock.ts'
import type { DirtyPageTable } from './dirty-page-table.ts'
import type { Frame } from './frame.ts'
import type { PageFile } from './page-file.ts'

// Writing in the background begins and ends at these parts of all frames.
const dirtyPartMax = 1 / 2
const dirtyPartLow = 3 / 8
// One batch is on its way to the drive while the next one is being copied.
const batchesMax = 2
// A batch that nobody waits for is followed by a pause of so many times its own duration: commits
// have the drive to themselves meanwhile.
const pauseFactor = 1

/**
 * Writes dirty pages, oldest recLSN first: in the background to keep frames clean, and on demand to
 * move the redo point on. Steal, no-force: whether a page's transaction has ended does not matter.
 *
 * Invariant: a copy of a page has every change up to the page's recLSN and beyond, so a batch is
 * only chosen between synchronous steps, never within one.
 */
export class PageWriter {
  readonly #file: PageFile
  readonly #dirtyPages: DirtyPageTable
  readonly #onFailure: (error: unknown) => void
  readonly #clock: Clock
  readonly #dirtyMax: number
  readonly #dirtyLow: number
  /** Pages with a lower recLSN are to be written. */
  #targetLSN: LSN = noLSN
  /** Those who wait for that cannot go on without it. */
  #isUrgent = false
  #wantsFrame = false
  #isLowering = false
  #inFlight = 0
  #pause: Timer | undefined
  #waiters: (() => void)[] = []
  #failure: unknown

  constructor(
    file: PageFile,
    dirtyPages: DirtyPageTable,
    onFailure: (error: unknown) => void,
    clock: Clock = systemClock,
  ) {
    this.#file = file
    this.#dirtyPages = dirtyPages
    this.#onFailure = onFailure
    this.#clock = clock
    this.#dirtyMax = Math.max(1, Math.floor(file.frameCount * dirtyPartMax))
    this.#dirtyLow = Math.floor(file.frameCount * dirtyPartLow)
  }

  /** A page is about to change: starts the background writing when too many are dirty. */
  pageChanged(): void {
    if (this.#isLowering || this.#dirtyPages.size <= this.#dirtyMax) return
    this.#isLowering = true
    // After the change, which is one synchronous step with this.
    queueMicrotask(() => this.#pump())
  }

  /**
   * Resolves when every page with a recLSN below `lsn` has been written. `isUrgent`: as fast as the
   * drive allows; otherwise with pauses.
   */
  async writeBefore(lsn: LSN, isUrgent: boolean): Promise<void> {
    while (this.#failure === undefined && this.#dirtyPages.redoLSN(lsn) < lsn) {
      this.#targetLSN = Math.max(this.#targetLSN, lsn) as LSN
      this.#isUrgent ||= isUrgent
      this.#pump()
      await this.#batchDone()
    }
    this.#throwIfFailed()
  }

  /** Whatever is being written: as fast as the drive allows from now on. */
  hurry(): void {
    this.#isUrgent = true
    this.#pause?.cancel()
    this.#pause = undefined
    this.#pump()
  }

  /** Resolves when a batch with unpinned pages has been written; false when there are none. */
  async cleanUnpinned(): Promise<boolean> {
    this.#throwIfFailed()
    this.#wantsFrame = true
    this.#pump()
    if (this.#inFlight === 0) return false
    await this.#batchDone()
    this.#throwIfFailed()
    return true
  }

  /** Begins no write any more; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#failure ??= new SeawallError('ERR_SEAWALL_CLOSED')
    this.#pause?.cancel()
    while (this.#inFlight > 0) await this.#batchDone()
    this.#wakeWaiters()
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #batchDone(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
    })
  }

  #wakeWaiters(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  /** Begins as many batches as there is work and room for. */
  #pump(): void {
    while (this.#failure === undefined && this.#mayBegin()) {
      const frames = this.#chooseBatch()
      if (frames.length === 0) break
      // What goes wrong is kept for those who wait.
      void this.#write(frames)
    }
    if (this.#inFlight === 0 && this.#pause === undefined) this.#wakeWaiters()
  }

  #mayBegin(): boolean {
    if (this.#wantsFrame) return this.#inFlight < batchesMax
    if (!this.#hasWork()) return false
    if (this.#isUrgent) return this.#inFlight < batchesMax
    return this.#inFlight === 0 && this.#pause === undefined
  }

  #hasWork(): boolean {
    if (this.#isLowering && this.#dirtyPages.size <= this.#dirtyLow) this.#isLowering = false
    if (this.#dirtyPages.redoLSN(this.#targetLSN) >= this.#targetLSN) {
      this.#targetLSN = noLSN
      this.#isUrgent = false
    }
    return this.#isLowering || this.#targetLSN !== noLSN
  }

  async #write(frames: readonly Frame[]): Promise<void> {
    const startedAt = this.#clock.monotonicMs()
    this.#inFlight += 1
    for (const frame of frames) this.#dirtyPages.beginWrite(frame)
    try {
      await this.#file.write(frames)
      for (const frame of frames) this.#dirtyPages.endWrite(frame)
    } catch (error) {
      // What is on disk is not known: the pages stay dirty, and nothing is written any more.
      this.#failure ??= error
      this.#onFailure(error)
    }
    this.#inFlight -= 1
    this.#rest(pauseFactor * (this.#clock.monotonicMs() - startedAt))
    this.#wakeWaiters()
    this.#pump()
  }

  #rest(pauseMs: number): void {
    if (this.#isUrgent || this.#failure !== undefined || !this.#hasWork()) return
    this.#pause?.cancel()
    this.#pause = this.#clock.after(pauseMs, true, () => {
      this.#pause = undefined
      this.#pump()
    })
  }

  #chooseBatch(): Frame[] {
    const source = this.#wantsFrame ? this.#unpinned() : this.#targets()
    this.#wantsFrame = false
    const frames: Frame[] = []
    for (const frame of source) {
      // Only one copy of a page may be on its way: its recLSN holds until that one has arrived.
      if (frame.writingRecLSN !== noLSN) continue
      frames.push(frame)
      if (frames.length === this.#file.batchPages) break
    }
    return frames.sort((a, b) => a.pageId - b.pageId)
  }

  // While only the redo point is to be moved, younger pages may gather more changes.
  *#targets(): IterableIterator<Frame> {
    const takesAll = this.#targetLSN === noLSN || this.#isLowering
    for (const frame of this.#dirtyPages.frames()) {
      if (!takesAll && frame.recLSN >= this.#targetLSN) return
      yield frame
    }
  }

  *#unpinned(): IterableIterator<Frame> {
    for (const frame of this.#dirtyPages.frames()) {
      if (frame.pins === 0) yield frame
    }
  }
}
