// Random pages of a store that is much larger than the buffer pool, each in a read-only transaction.
import { randomNumbers } from '../transfers.ts'
import { runClients } from './clients.ts'
import { type EngineConfig, openEngine } from './open-engine.ts'
import type { PageRange } from './page-set.ts'
import { subject } from './subject.ts'

export interface EnginePageReadsConfig extends EngineConfig {
  readonly range: PageRange
  /** Reads under way. */
  readonly depth: number
  readonly seconds: number
  readonly seed: number
}

subject(async (config: EnginePageReadsConfig) => {
  const { range, depth, seconds, seed } = config
  await using engine = await openEngine(config)
  const random = randomNumbers(seed)
  let firstBytes = 0
  const before = engine.stats()
  const sample = await runClients(
    async () => {
      const transaction = await engine.begin({ readOnly: true })
      const id = range.firstPage + random(range.pageCount)
      const page = await transaction.page(id, { lock: 'none' })
      firstBytes += page.body[0] as number
      await transaction.commit()
    },
    depth,
    seconds,
  )
  const after = engine.stats()
  const hits = after.bufferPool.hits - before.bufferPool.hits
  const misses = after.bufferPool.misses - before.bufferPool.misses
  // What was found in memory was not read: it does not count.
  const missShare = misses / (hits + misses)
  const bytesPerSecond = sample.value * missShare * after.pageBytes
  return { value: bytesPerSecond, details: { ...sample.details, missShare, firstBytes } }
})
