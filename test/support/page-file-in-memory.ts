import { Frame } from '../../lib/buffer/frame.ts'
import type { PageFile } from '../../lib/buffer/page-file.ts'
import type { SeawallError } from '../../lib/errors.ts'
import { pageHeader } from '../../lib/format/layout.ts'
import type { LSN } from '../../lib/format/lsn.ts'

export const pageBytes = 4096

interface Step {
  readonly what: 'read' | 'write'
  readonly pageIds: readonly number[]
  finish(error?: unknown): void
}

interface StoredPage {
  readonly pageLSN: LSN
  readonly pageType: number
  readonly body: Uint8Array
}

/** A data file whose reads and writes end when the test says so, or at once. */
export class PageFileInMemory {
  readonly pageBytes = pageBytes
  readonly bodyBytes = pageBytes - pageHeader.bytes
  readonly batchPages = 4
  readonly frameCount: number
  filePages = 1
  readonly pages = new Map<number, StoredPage>()
  /** How pages are found that cannot be used. */
  readonly failures = new Map<number, SeawallError>()
  /** Reads and writes under way, oldest first; empty when `isManual` is false. */
  readonly pending: Step[] = []
  isManual = false
  reads = 0
  writes = 0
  readonly #frames: Frame[]

  constructor(frameCount: number) {
    this.frameCount = frameCount
    const words = new Uint32Array((frameCount * pageBytes) / 4)
    this.#frames = Array.from(
      { length: frameCount },
      (_, i) => new Frame(i, words, (i * pageBytes) / 4, pageBytes),
    )
  }

  /** The same pages, as a new process finds them: nothing is in memory. */
  reopened(): PageFileInMemory {
    const file = new PageFileInMemory(this.frameCount)
    for (const [pageId, page] of this.pages) file.pages.set(pageId, page)
    for (const [pageId, failure] of this.failures) file.failures.set(pageId, failure)
    return file
  }

  asFile(): PageFile {
    return this as unknown as PageFile
  }

  frame(index: number): Frame {
    return this.#frames[index] as Frame
  }

  read(frame: Frame, pageId: number, onDone: (error: SeawallError | undefined) => void): void {
    this.#read(frame, pageId).then(
      () => onDone(undefined),
      (error: unknown) => onDone(error as SeawallError),
    )
  }

  async #read(frame: Frame, pageId: number): Promise<void> {
    this.reads += 1
    await this.#step('read', [pageId])
    frame.becomeEmpty(pageId)
    frame.failure = this.failures.get(pageId)
    const stored = this.pages.get(pageId)
    if (stored === undefined) return
    frame.pageLSN = stored.pageLSN
    frame.pageType = stored.pageType
    frame.body.set(stored.body)
  }

  async write(frames: readonly Frame[]): Promise<void> {
    this.writes += 1
    // As they are now: what changes later stays out.
    const copies = frames.map(({ pageId, pageLSN, pageType, body }) => ({
      pageId,
      page: { pageLSN, pageType, body: body.slice() },
    }))
    await this.#step(
      'write',
      copies.map(({ pageId }) => pageId),
    )
    for (const { pageId, page } of copies) this.pages.set(pageId, page)
  }

  async grow(pages: number): Promise<void> {
    await Promise.resolve()
    this.filePages = Math.max(this.filePages, pages)
  }

  async stop(): Promise<void> {
    await Promise.resolve()
  }

  /** Ends the oldest step under way. */
  async finish(error?: unknown): Promise<void> {
    this.pending.shift()?.finish(error)
    await new Promise((resolve) => setImmediate(resolve))
  }

  #step(what: Step['what'], pageIds: readonly number[]): Promise<void> {
    if (!this.isManual) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const finish = (error?: unknown): void => (error === undefined ? resolve() : reject(error))
      this.pending.push({ what, pageIds, finish })
    })
  }
}
