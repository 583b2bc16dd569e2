// Leaves a store behind as a crash would: so much log since the last checkpoint, no page of it on
// disk.
import type { Engine } from '../../lib/index.ts'
import { type EngineConfig, openNewEngine } from './open-engine.ts'
import { allocateRange, RandomWrites } from './page-set.ts'
import { subject } from './subject.ts'

export interface EngineCrashConfig extends EngineConfig {
  /** Pages of the store. */
  readonly pageCount: number
  /** The first so many of them are written to. */
  readonly changedPages: number
  /** Log before the checkpoint that is still there. */
  readonly oldLogBytes: number
  /** Log since the checkpoint. */
  readonly logBytes: number
  readonly seed: number
}

const writesPerTransaction = 16

async function grow(engine: Engine, writes: RandomWrites, bytes: number): Promise<void> {
  const end = engine.stats().log.endLSN + bytes
  while (engine.stats().log.endLSN < end) {
    for (let i = 0; i < 64; i++) await writes.run(writesPerTransaction)
  }
  await engine.transaction(async () => {}, { durability: 'flush' })
}

subject(
  async (config: EngineCrashConfig) => {
    const { pageCount, changedPages, oldLogBytes, logBytes, seed } = config
    const engine = await openNewEngine(config)
    const range = await allocateRange(engine, pageCount)
    const changed = { ...range, pageCount: changedPages }
    const writes = new RandomWrites(engine, changed, seed)
    await engine.checkpoint({ immediate: true })
    engine.holdLog(engine.flushedLSN)
    await grow(engine, writes, oldLogBytes)
    // The second one writes what was dirty when the first one began.
    await engine.checkpoint({ immediate: true })
    const { checkpointLSN, redoLSN } = await engine.checkpoint()
    const started = performance.now()
    await grow(engine, writes, logBytes)
    const seconds = (performance.now() - started) / 1000
    const { endLSN, oldestLSN } = engine.stats().log
    return {
      value: (endLSN - redoLSN) / 1e6 / seconds,
      details: { checkpointLSN, redoLSN, endLSN, oldestLSN },
    }
  },
  { isKilled: true },
)
