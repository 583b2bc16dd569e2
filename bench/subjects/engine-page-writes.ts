// Writing dirty pages back: random ones of a large store, all in memory.
import type { Engine } from '../../lib/index.ts'
import { randomNumbers } from '../transfers.ts'
import { type EngineConfig, openEngine } from './open-engine.ts'
import type { PageRange } from './page-set.ts'
import { subject } from './subject.ts'

export interface EnginePageWritesConfig extends EngineConfig {
  readonly range: PageRange
  /** Less than half of what fits the buffer pool: more are written in the background. */
  readonly dirtyPages: number
  readonly seconds: number
  readonly seed: number
}

const pagesPerTransaction = 64

function flushLog(engine: Engine): Promise<void> {
  return engine.transaction(async (transaction) => void (await transaction.allocatePage()))
}

subject(async (config: EnginePageWritesConfig) => {
  const { range, dirtyPages, seconds, seed } = config
  await using engine = await openEngine(config)
  const random = randomNumbers(seed)
  const chosen = new Set<number>()
  while (chosen.size < dirtyPages) chosen.add(range.firstPage + random(range.pageCount))
  const ids = [...chosen]
  let value = 0
  const makeDirty = async (): Promise<void> => {
    value = (value + 1) & 0xff
    const bytes = Uint8Array.of(value)
    for (let from = 0; from < ids.length; from += pagesPerTransaction) {
      await engine.transaction(
        async (transaction) => {
          const some = ids.slice(from, from + pagesPerTransaction)
          const pages = await Promise.all(some.map((id) => transaction.page(id)))
          for (const page of pages) transaction.write(page, page.body.length - 1, bytes)
        },
        { durability: 'async' },
      )
    }
  }
  let writingMs = 0
  let pagesWritten = 0
  let batches = 0
  while (writingMs < seconds * 1000) {
    await makeDirty()
    // Their log is not what is measured.
    await flushLog(engine)
    const before = engine.stats().pages
    const started = performance.now()
    await engine.checkpoint({ immediate: true })
    writingMs += performance.now() - started
    const after = engine.stats().pages
    pagesWritten += after.pagesWritten - before.pagesWritten
    batches += after.pageBatches - before.pageBatches
  }
  const pagesPerSecond = (1000 * pagesWritten) / writingMs
  return {
    value: pagesPerSecond * engine.stats().pageBytes,
    details: { pagesPerSecond, pagesWritten, batches, writingMs },
  }
})
