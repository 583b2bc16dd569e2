// A store of so many pages, all of them on disk, for other subjects to open.
import { openNewEngine } from './open-engine.ts'
import { allocateRange } from './page-set.ts'
import { subject } from './subject.ts'

export interface EngineFillConfig {
  readonly directory: string
  readonly pageCount: number
}

const poolPart = 2
const pageBytes = 8192

subject(async ({ directory, pageCount }: EngineFillConfig) => {
  const engine = await openNewEngine({
    directory,
    options: {
      // Nobody measures this, so it need not survive a power cut.
      tornPages: 'none',
      bufferPoolBytes: poolPart * pageCount * pageBytes,
    },
  })
  const started = performance.now()
  const range = await allocateRange(engine, pageCount)
  await engine.close()
  const seconds = (performance.now() - started) / 1000
  return { value: pageCount / seconds, details: { ...range } }
})
