// Resident memory under a mixed load over data that is much larger than the buffer pool. Needs
// --expose-gc.
import { randomNumbers } from '../transfers.ts'
import { loadLibrary } from './open-log.ts'
import type { EngineConfig } from './open-engine.ts'
import { type PageRange, RandomWrites } from './page-set.ts'
import { subject } from './subject.ts'

export interface EngineMemoryConfig extends EngineConfig {
  readonly range: PageRange
  readonly clients: number
  readonly transactions: number
  readonly seed: number
}

const samplesWanted = 20
const readsPerTransaction = 4
const writesPerTransaction = 4
const mebibyte = 2 ** 20

function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

subject(async (config: EngineMemoryConfig) => {
  const { directory, options, range, clients, transactions, seed } = config
  const { Engine } = await loadLibrary()
  const base = residentBytes()
  const baseHeap = process.memoryUsage().heapTotal
  await using engine = await Engine.open(directory, options)
  const random = randomNumbers(seed)
  const writes = new RandomWrites(engine, range, seed + 1)
  const resident: number[] = []
  const every = Math.ceil(transactions / samplesWanted)
  let done = 0
  const read = async (): Promise<void> => {
    await engine.transaction(
      async (transaction) => {
        for (let i = 0; i < readsPerTransaction; i++) {
          const page = await transaction.page(range.firstPage + random(range.pageCount), {
            lock: 'none',
          })
          page.release()
        }
      },
      { readOnly: true },
    )
  }
  const client = async (): Promise<void> => {
    while (done < transactions) {
      done += 1
      if (done % every === 0) resident.push(residentBytes())
      if (done % 2 === 0) await read()
      else await writes.run(writesPerTransaction)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - started) / 1000
  const { bufferPool, pages, checkpoints, locks } = engine.stats()
  const { heapTotal } = process.memoryUsage()
  return {
    value: (Math.max(...resident) - base) / mebibyte,
    details: {
      baseMiB: base / mebibyte,
      firstMiB: (resident[0] ?? 0) / mebibyte,
      lastMiB: (resident.at(-1) ?? 0) / mebibyte,
      heapGrowthMiB: (heapTotal - baseHeap) / mebibyte,
      perSecond: transactions / seconds,
      pagesRead: pages.pagesRead,
      pagesWritten: pages.pagesWritten,
      evictions: bufferPool.evictions,
      checkpoints: checkpoints.count,
      deadlocks: locks.deadlocks,
    },
  }
})
