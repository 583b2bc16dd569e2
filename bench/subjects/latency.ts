// One store under one load after the other.
import { measureCapacity, type LoadResult, runOpenLoop } from './open-loop.ts'
import { openStore, type StoreConfig } from './open-store.ts'
import { subject } from './subject.ts'

export interface LatencyConfig extends StoreConfig {
  readonly bodyBytes: number
  /** How long the capacity is measured, after as long to warm up. */
  readonly capacitySeconds: number
  readonly loadsPerSecond: readonly number[]
  readonly seconds: number
  readonly seed: number
}

// Enough for every flush to find the next batch waiting.
const outstanding = 1024

subject(async (config: LatencyConfig) => {
  const { capacitySeconds, loadsPerSecond, seconds, seed, bodyBytes } = config
  const store = await openStore(config)
  await measureCapacity(store, outstanding, capacitySeconds, bodyBytes)
  const capacity = await measureCapacity(store, outstanding, capacitySeconds, bodyBytes)
  const results: LoadResult[] = []
  for (const perSecond of loadsPerSecond) {
    results.push(await runOpenLoop(store, { perSecond, seconds, seed, bodyBytes }))
  }
  await store.close()
  return { value: capacity, details: { results: JSON.stringify(results) } }
})
