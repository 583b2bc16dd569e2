import { SeawallError } from '../errors.ts'
import { pageHeader } from '../format/layout.ts'
import { completed, internalsOf } from '../log/log-internals.ts'
import type { Log } from '../log/log.ts'
import {
  type NativePageOptions as PageFileOptions,
  type NativePages,
  type NativePageStats,
  pageOutcome,
  pageReadColumn,
} from '../native/binding.ts'
import { toSeawallError } from '../native/map-error.ts'
import { Frame } from './frame.ts'

/**
 * The pages on disk, and the frames that they are read into. Reads of one turn of the microtask
 * queue go out together.
 */
export class PageFile {
  readonly pageBytes: number
  /** Bytes of a page without its header. */
  readonly bodyBytes: number
  /** Most pages of one write. */
  readonly batchPages: number
  readonly created: boolean
  /** Torn pages that were repaired from their doublewrite copies when the file was opened. */
  readonly repaired: readonly number[]
  readonly #log: Log
  readonly #frames: (Frame | undefined)[]
  readonly #arenas: Uint32Array[]
  readonly #framesPerArena: number
  /** Of reads under way, by frame. */
  readonly #waiting: (((error: SeawallError | undefined) => void) | undefined)[]
  #waitingCount = 0
  #reads: number[] = []
  #onReadsDone: (() => void) | undefined
  #filePages: number
  /** Set once nothing may be asked of the native side any more. */
  #finalStats: NativePageStats | undefined

  /**
   * @throws ERR_SEAWALL_OPTION_MISMATCH, ERR_SEAWALL_LOG_MISMATCH, ERR_SEAWALL_CORRUPT_STORE,
   * ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_IO, ERR_SEAWALL_NO_SPACE
   */
  static async open(log: Log, options: PageFileOptions): Promise<PageFile> {
    const { binding, handle } = internalsOf(log)
    const pages = await new Promise<NativePages>((resolve, reject) => {
      binding.pagesOpen(handle, options, (error, result) => {
        if (error === undefined) resolve(result)
        else reject(toSeawallError(error))
      })
    })
    return new PageFile(log, pages)
  }

  private constructor(log: Log, pages: NativePages) {
    this.pageBytes = pages.pageBytes
    this.bodyBytes = pages.pageBytes - pageHeader.bytes
    this.batchPages = pages.batchPages
    this.created = pages.created
    this.repaired = pages.repaired
    this.#log = log
    this.#frames = new Array(pages.frames)
    this.#waiting = new Array(pages.frames)
    this.#arenas = pages.arenas.map((arena) => new Uint32Array(arena))
    this.#framesPerArena = (this.#arenas[0]?.byteLength ?? 0) / pages.pageBytes
    this.#filePages = pages.filePages
    internalsOf(log).onPagesRead = (table) => this.#onPagesRead(table)
  }

  get frameCount(): number {
    return this.#frames.length
  }

  /** Pages that the file has room for, page 0 included. */
  get filePages(): number {
    return this.#filePages
  }

  frame(index: number): Frame {
    return (this.#frames[index] ??= this.#makeFrame(index))
  }

  /**
   * Reads the page into the frame and says how it was found: `frame.failure` when it cannot be
   * used. A page that was never written is empty. `onDone` gets an error when the read failed for a
   * reason that says nothing about the page; it is called later, never from within.
   */
  read(frame: Frame, pageId: number, onDone: (error: SeawallError | undefined) => void): void {
    if (this.#finalStats !== undefined) {
      queueMicrotask(() => onDone(new SeawallError('ERR_SEAWALL_CLOSED')))
      return
    }
    if (this.#reads.length === 0) queueMicrotask(() => this.#submitReads())
    this.#reads.push(pageId, frame.index)
    this.#waiting[frame.index] = onDone
    this.#waitingCount += 1
  }

  /**
   * Writes the pages as they are now; later changes stay out. At most `batchPages`, in ascending
   * order of page id. Waits until the log is durable beyond their pageLSNs.
   *
   * @durability the pages are durable in their places when it resolves
   */
  async write(frames: readonly Frame[]): Promise<void> {
    this.#throwIfClosed()
    const { binding, handle, publish } = internalsOf(this.#log)
    const indexes = Uint32Array.from(frames, (frame) => frame.index)
    // The native side waits for the log; it would wait for ever for what it was not told of.
    publish()
    await completed((done) => binding.pagesWrite(handle, indexes, indexes.length, done))
  }

  /** Makes room for `pages` pages. @throws ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_IO */
  async grow(pages: number): Promise<void> {
    this.#throwIfClosed()
    const { binding, handle } = internalsOf(this.#log)
    await completed((done) => binding.pagesGrow(handle, pages, done))
    this.#filePages = Math.max(this.#filePages, pages)
  }

  /** Pages are written once from now on. REQUIRES: whatever may still tear has its image in the log. */
  async stopDoublewrite(): Promise<void> {
    this.#throwIfClosed()
    const { binding, handle } = internalsOf(this.#log)
    await completed((done) => binding.pagesStopDoublewrite(handle, done))
  }

  /** Takes nothing on any more; resolves when no read is under way. */
  async stop(): Promise<void> {
    this.#finalStats = this.stats()
    while (this.#waitingCount > 0) {
      await new Promise<void>((resolve) => {
        this.#onReadsDone = resolve
      })
    }
  }

  stats(): NativePageStats {
    if (this.#finalStats !== undefined) return this.#finalStats
    const { binding, handle } = internalsOf(this.#log)
    return binding.pagesStats(handle)
  }

  #throwIfClosed(): void {
    if (this.#finalStats !== undefined) throw new SeawallError('ERR_SEAWALL_CLOSED')
  }

  #makeFrame(index: number): Frame {
    const arena = this.#arenas[Math.floor(index / this.#framesPerArena)] as Uint32Array
    const at = ((index % this.#framesPerArena) * this.pageBytes) >>> 2
    return new Frame(index, arena, at, this.pageBytes)
  }

  #submitReads(): void {
    const { binding, handle } = internalsOf(this.#log)
    const reads = Uint32Array.from(this.#reads)
    this.#reads = []
    binding.pagesRead(handle, reads, reads.length / 2)
  }

  #onPagesRead(table: Float64Array): void {
    this.#waitingCount -= table.length / pageReadColumn.count
    for (let at = 0; at < table.length; at += pageReadColumn.count) {
      const frame = this.frame(table[at + pageReadColumn.frame] as number)
      const onDone = this.#waiting[frame.index]
      this.#waiting[frame.index] = undefined
      onDone?.(this.#found(frame, table, at))
    }
    if (this.#waitingCount === 0) this.#onReadsDone?.()
  }

  #found(frame: Frame, table: Float64Array, at: number): SeawallError | undefined {
    const { pageId } = frame
    const outcome = table[at + pageReadColumn.outcome] as number
    if (outcome === pageOutcome.valid) {
      frame.failure = undefined
      return undefined
    }
    const errno = table[at + pageReadColumn.errno] as number
    if (outcome === pageOutcome.failed) {
      return new SeawallError('ERR_SEAWALL_IO', { errno, syscall: 'read', page: pageId })
    }
    if (outcome === pageOutcome.neverWritten) frame.becomeEmpty(pageId)
    // What stands in a damaged page may be anything.
    const pageLSN = table[at + pageReadColumn.pageLSN] as number
    const isPlausible = outcome === pageOutcome.aheadOfLog || pageLSN < this.#log.flushedLSN
    frame.failure = failureOf(outcome, pageId, isPlausible ? pageLSN : undefined)
    return undefined
  }
}

/** What stands in the way of using a page that was found so; undefined when nothing does. */
function failureOf(
  outcome: number,
  pageId: number,
  pageLSN: number | undefined,
): SeawallError | undefined {
  const details = pageLSN === undefined ? { page: pageId } : { page: pageId, lsn: pageLSN }
  switch (outcome) {
    case pageOutcome.damaged:
      return new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', { ...details, detail: 'checksum' })
    case pageOutcome.misplaced:
      return new SeawallError('ERR_SEAWALL_DAMAGED_PAGE', {
        ...details,
        detail: "another page's bytes stand in its place",
      })
    case pageOutcome.aheadOfLog:
      return new SeawallError('ERR_SEAWALL_PAGE_AHEAD_OF_LOG', details)
    default:
      return undefined
  }
}
