import { Engine, type EngineOptions } from '../../lib/index.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Small pages, a small pool and a small log, in the consistency mode. */
export const smallEngine: EngineOptions = {
  pageSize: 4096,
  bufferPoolBytes: 64 * 4096,
  segmentBytes: 1024 * 1024,
  bufferBytes: 512 * 1024,
  consistencyChecks: true,
}

/** Opens an engine in `directory`, or in a new one. */
export function openSmallEngine(
  options: EngineOptions = {},
  directory: string = temporaryDirectory(),
): Promise<Engine> {
  return Engine.open(directory, { ...smallEngine, ...options })
}

/** A new page with `text` at the start of its body; its id. */
export function newPage(engine: Engine, text: string): Promise<number> {
  return engine.transaction(async (tx) => {
    const page = await tx.allocatePage()
    tx.write(page, 0, Buffer.from(text))
    return page.id
  })
}

/** The first `length` bytes of a page, as text. */
export function textOf(engine: Engine, pageId: number, length: number): Promise<string> {
  return engine.transaction(
    async (tx) => {
      const page = await tx.page(pageId)
      return Buffer.from(page.body.subarray(0, length)).toString()
    },
    { readOnly: true },
  )
}
