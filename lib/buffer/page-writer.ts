import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import type { DirtyPageTable } from './dirty-page-table.ts'
import type { Frame } from './frame.ts'
import type { PageFile } from './page-file.ts'

// Writing in the background begins and ends at these parts of all frames.
const dirtyPartMax = 1 / 2
const dirtyPartLow = 3 / 8

/**
 * Writes dirty pages, oldest recLSN first, one batch at a time: in the background to keep frames
 * clean, and on demand to move the redo point on. Steal, no-force: whether a page's transaction has
 * ended does not matter.
 */
export class PageWriter {
  readonly #file: PageFile
  readonly #dirtyPages: DirtyPageTable
  readonly #onFailure: (error: unknown) => void
  readonly #dirtyMax: number
  readonly #dirtyLow: number
  /** Pages with a lower recLSN are to be written. */
  #targetLSN: LSN = noLSN
  #wantsFrame = false
  #isLowering = false
  #running: Promise<void> | undefined
  #failure: unknown

  constructor(file: PageFile, dirtyPages: DirtyPageTable, onFailure: (error: unknown) => void) {
    this.#file = file
    this.#dirtyPages = dirtyPages
    this.#onFailure = onFailure
    this.#dirtyMax = Math.max(1, Math.floor(file.frameCount * dirtyPartMax))
    this.#dirtyLow = Math.floor(file.frameCount * dirtyPartLow)
  }

  /** A page became dirty: starts the background writing when there are too many. */
  pageChanged(): void {
    if (this.#dirtyPages.size <= this.#dirtyMax || this.#isLowering) return
    this.#isLowering = true
    // After the change, which is one synchronous step with this: a copy without it would pass for
    // one that has it.
    queueMicrotask(() => void this.#start())
  }

  /** Resolves when every page with a recLSN below `lsn` has been written. */
  async writeBefore(lsn: LSN): Promise<void> {
    while (this.#failure === undefined && this.#dirtyPages.redoLSN(lsn) < lsn) {
      this.#targetLSN = Math.max(this.#targetLSN, lsn) as LSN
      await this.#start()
    }
    this.#throwIfFailed()
  }

  /** Resolves when a batch with unpinned pages has been written; false when there are none. */
  async cleanUnpinned(): Promise<boolean> {
    this.#throwIfFailed()
    if (this.#running === undefined && this.#unpinned().next().done === true) return false
    this.#wantsFrame = true
    await this.#start()
    this.#throwIfFailed()
    return true
  }

  /** Begins no write any more; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#failure ??= new SeawallError('ERR_SEAWALL_CLOSED')
    await this.#running
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  // The promise is that of the batch under way, not of everything wanted.
  #start(): Promise<void> {
    if (this.#failure !== undefined) return Promise.resolve()
    this.#running ??= this.#writeBatch().finally(() => {
      this.#running = undefined
      if (this.#failure === undefined && this.#hasWork()) void this.#start()
    })
    return this.#running
  }

  #hasWork(): boolean {
    if (this.#isLowering && this.#dirtyPages.size <= this.#dirtyLow) this.#isLowering = false
    if (this.#dirtyPages.redoLSN(this.#targetLSN) >= this.#targetLSN) this.#targetLSN = noLSN
    return this.#isLowering || this.#targetLSN !== noLSN
  }

  async #writeBatch(): Promise<void> {
    const frames = this.#chooseBatch()
    if (frames.length === 0) return
    for (const frame of frames) this.#dirtyPages.beginWrite(frame)
    try {
      await this.#file.write(frames)
      for (const frame of frames) this.#dirtyPages.endWrite(frame)
    } catch (error) {
      // What is on disk is not known: the pages stay dirty, and nothing is written any more.
      this.#failure = error
      this.#onFailure(error)
    }
  }

  #chooseBatch(): Frame[] {
    const source = this.#wantsFrame ? this.#unpinned() : this.#targets()
    this.#wantsFrame = false
    const frames: Frame[] = []
    for (const frame of source) {
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
