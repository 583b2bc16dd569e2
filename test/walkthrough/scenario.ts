// A small store whose life is scripted: the script and no timer decides what is written to disk and
// when, so every log record and every page on disk is the same each time.
import { Engine, type EngineOptions, type Transaction } from '../../lib/index.ts'

export const pageBytes = 4096
const frames = 16
/** A quarter, which only undo may take. */
const framesForUndo = frames / 4

export const storeOptions: EngineOptions = {
  pageSize: pageBytes,
  bufferPoolBytes: frames * pageBytes,
  segmentBytes: 1024 * 1024,
  bufferBytes: 512 * 1024,
}

/** Pages of the store by the names that the text gives them. */
export const pageNames = ['A', 'B', 'C', 'D', 'E'] as const
export type PageName = (typeof pageNames)[number]
export type PageIds = ReadonlyMap<PageName, number>

export interface Step {
  readonly what: string
  /** End of the log after the step. */
  readonly endLSN: number
}

export interface CrashedStore {
  readonly engine: Engine
  readonly pages: PageIds
  readonly steps: readonly Step[]
}

/** Makes the store in `directory` and leaves it in the middle of its work. */
export async function runUntilCrash(directory: string): Promise<CrashedStore> {
  const { pages, fillers } = await makeStore(directory)
  const engine = await Engine.open(directory, storeOptions)
  const steps: Step[] = []
  const step = (what: string): void => {
    steps.push({ what, endLSN: engine.stats().log.endLSN })
  }
  const put = async (tx: Transaction, name: PageName, value: string): Promise<void> => {
    const page = await tx.page(pages.get(name) as number)
    tx.write(page, 0, Buffer.from(value))
    // Whoever does not hold a page lets the buffer pool write it, committed or not.
    if (name !== 'A') page.release()
  }
  const commit = (name: PageName, value: string): Promise<void> => {
    return engine.transaction((tx) => put(tx, name, value))
  }

  const loser = await engine.begin()
  await put(loser, 'A', 'lost')
  step('L writes A, and holds it in memory')
  await put(loser, 'B', 'lost')
  step('L writes B')
  await commit('C', 'won1')
  step('W1 writes C and commits')
  await needFrames(engine, fillers)
  step('memory is short: B and C are written to disk')
  await commit('C', 'won2')
  step('W2 writes C again and commits')
  await engine.checkpoint()
  step('checkpoint')
  const savepoint = loser.savepoint()
  await put(loser, 'A', 'temp')
  await put(loser, 'D', 'temp')
  step('L sets a savepoint, writes A and D')
  await loser.rollbackTo(savepoint)
  step('L rolls back to the savepoint')
  await put(loser, 'D', 'lost')
  step('L writes D')
  await needFrames(engine, fillers)
  step('memory is short: C and D are written to disk')
  await commit('E', 'won3')
  step('W3 writes E and commits')
  return { engine, pages, steps }
}

/** What the pages hold; a read changes nothing. */
export async function valuesOf(engine: Engine, pages: PageIds): Promise<Map<PageName, string>> {
  const values = new Map<PageName, string>()
  for (const [name, pageId] of pages) {
    await engine.transaction(
      async (tx) => {
        const page = await tx.page(pageId)
        values.set(name, Buffer.from(page.body.subarray(0, 4)).toString())
      },
      { readOnly: true },
    )
  }
  return values
}

// The log is to begin with the walk-through: a clean close and an open leave one checkpoint in it.
async function makeStore(directory: string): Promise<{ pages: PageIds; fillers: number[] }> {
  await using engine = await Engine.open(directory, storeOptions)
  return await engine.transaction(async (tx) => {
    const pages = new Map<PageName, number>()
    for (const name of pageNames) {
      const page = await tx.allocatePage()
      tx.write(page, 0, Buffer.from('base'))
      pages.set(name, page.id)
      page.release()
    }
    const fillers: number[] = []
    for (let i = 0; i < frames; i++) {
      const page = await tx.allocatePage()
      fillers.push(page.id)
      page.release()
    }
    return { pages, fillers }
  })
}

// The loser holds A, this transaction as many pages as there are frames for transactions beside: so the dirty pages
// that nobody holds must be written and leave theirs.
async function needFrames(engine: Engine, fillers: readonly number[]): Promise<void> {
  await engine.transaction(
    async (tx) => {
      for (const pageId of fillers.slice(0, frames - framesForUndo - 1)) await tx.page(pageId)
    },
    { readOnly: true },
  )
}
