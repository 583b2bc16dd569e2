// Random pages of a store that is much larger than the buffer pool, each in a read-only transaction;
// with several numbers of reads under way, one after the other.
import { randomNumbers } from '../transfers.ts'
import { laterWarmUpSeconds, runClients } from './clients.ts'
import { type EngineConfig, openEngine } from './open-engine.ts'
import type { PageRange } from './page-set.ts'
import { subject } from './subject.ts'

export interface EnginePageReadsConfig extends EngineConfig {
  readonly range: PageRange
  /** Reads under way. */
  readonly depths: readonly number[]
  /** For each depth. */
  readonly seconds: number
  readonly seed: number
}

const warmUpDepth = 32

subject(async (config: EnginePageReadsConfig) => {
  const { range, depths, seconds, seed } = config
  await using engine = await openEngine(config)
  const random = randomNumbers(seed)
  const details: Record<string, number> = { firstBytes: 0 }
  const read = async (): Promise<void> => {
    const transaction = await engine.begin({ readOnly: true })
    const id = range.firstPage + random(range.pageCount)
    const page = await transaction.page(id, { lock: 'none' })
    details.firstBytes = (details.firstBytes as number) + (page.body[0] as number)
    await transaction.commit()
  }
  const options = { warmUpSeconds: laterWarmUpSeconds }
  await runClients(read, warmUpDepth, laterWarmUpSeconds, options)
  for (const depth of depths) {
    const before = engine.stats()
    const sample = await runClients(read, depth, seconds, options)
    const after = engine.stats()
    const hits = after.bufferPool.hits - before.bufferPool.hits
    const misses = after.bufferPool.misses - before.bufferPool.misses
    // What was found in memory was not read: it does not count.
    const missShare = misses / (hits + misses)
    details[`bytesPerSecond${depth}`] = sample.value * missShare * after.pageBytes
    details[`p99Us${depth}`] = Number(sample.details?.p99Us)
    details[`cpuPerMillion${depth}`] = Number(sample.details?.cpuPerMillion)
  }
  return { value: Number(details[`bytesPerSecond${depths[0]}`]), details }
})
