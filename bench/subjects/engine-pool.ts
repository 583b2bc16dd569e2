// Durable transactions that each change two random pages, over more and more of a store: from half
// of the buffer pool to many times its size.
import type { Engine } from '../../lib/index.ts'
import { randomNumbers } from '../transfers.ts'
import { laterWarmUpSeconds, runClients } from './clients.ts'
import { type EngineConfig, openEngine } from './open-engine.ts'
import type { PageRange } from './page-set.ts'
import { subject } from './subject.ts'

export interface EnginePoolConfig extends EngineConfig {
  readonly firstPage: number
  /** Of the ranges that begin at `firstPage`. */
  readonly pageCounts: readonly number[]
  readonly clients: number
  /** For each range. */
  readonly seconds: number
  readonly seed: number
}

const changeBytes = 100
const firstWarmUpSeconds = 0.4

/** The first `count` pages of the range in memory, as many at a time as one turn takes. */
async function load(engine: Engine, { firstPage }: PageRange, count: number): Promise<void> {
  const atOnce = 64
  for (let from = 0; from < count; from += atOnce) {
    await engine.transaction(
      async (transaction) => {
        const length = Math.min(atOnce, count - from)
        const ids = Array.from({ length }, (_, i) => firstPage + from + i)
        const pages = await Promise.all(ids.map((id) => transaction.page(id, { lock: 'none' })))
        for (const page of pages) page.release()
      },
      { readOnly: true },
    )
  }
}

/** Changes a row of two different pages. */
function changeTwo(engine: Engine, range: PageRange, random: (limit: number) => number) {
  const bytes = new Uint8Array(changeBytes)
  return async (): Promise<void> => {
    const one = random(range.pageCount)
    const other = (one + 1 + random(range.pageCount - 1)) % range.pageCount
    const transaction = await engine.begin()
    // In one order: nobody waits in a circle.
    for (const index of [Math.min(one, other), Math.max(one, other)]) {
      const page = await transaction.page(range.firstPage + index)
      bytes[0] = (page.body[0] as number) + 1
      transaction.write(page, 0, bytes)
    }
    await transaction.commit()
  }
}

subject(async (config: EnginePoolConfig) => {
  const { firstPage, pageCounts, clients, seconds, seed } = config
  await using engine = await openEngine(config)
  const { frames } = engine.stats().bufferPool
  const random = randomNumbers(seed)
  const details: Record<string, number> = { frames }
  let last = 0
  for (const pageCount of pageCounts) {
    const range = { firstPage, pageCount }
    await load(engine, range, Math.min(pageCount, frames))
    const work = changeTwo(engine, range, random)
    // Until as many frames are dirty as will be; at first, until V8 has compiled what runs.
    const warmUpSeconds = last === 0 ? firstWarmUpSeconds : laterWarmUpSeconds
    await runClients(work, clients, laterWarmUpSeconds, { warmUpSeconds })
    const before = engine.stats()
    const sample = await runClients(work, clients, seconds, { warmUpSeconds: 0 })
    const after = engine.stats()
    const commits = after.transactions.committed - before.transactions.committed
    const perCommit = (key: 'pagesRead' | 'pagesWritten'): number =>
      (after.pages[key] - before.pages[key]) / commits
    last = sample.value
    details[`perSecond${pageCount}`] = sample.value
    details[`p50Us${pageCount}`] = Number(sample.details?.p50Us)
    details[`p99Us${pageCount}`] = Number(sample.details?.p99Us)
    details[`pagesRead${pageCount}`] = perCommit('pagesRead')
    details[`pagesWritten${pageCount}`] = perCommit('pagesWritten')
    details[`checkpoints${pageCount}`] = after.checkpoints.count - before.checkpoints.count
  }
  return { value: last, details }
})
