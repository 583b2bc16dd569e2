// The same log with several numbers of committers, one after the other.
import { runCommitters } from './committers.ts'
import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogOptionsConfig extends LogConfig {
  readonly committers: readonly number[]
  readonly bodyBytes: number
  readonly seconds: number
}

const warmUpSeconds = 0.1

subject(async (config: LogOptionsConfig) => {
  await using log = await openLog(config)
  const body = Buffer.alloc(config.bodyBytes, 1)
  const details: Record<string, number | string> = { backend: log.stats().backend }
  for (const committers of config.committers) {
    const before = log.stats()
    const { value, details: latency } = await runCommitters(
      () => log.commit(body),
      committers,
      config.seconds,
      { warmUpSeconds },
    )
    const after = log.stats()
    details[`perSecond${committers}`] = value
    details[`p50Us${committers}`] = Number(latency?.p50Us)
    details[`p99Us${committers}`] = Number(latency?.p99Us)
    details[`recordsPerFlush${committers}`] =
      (after.recordsFlushed - before.recordsFlushed) / (after.flushes - before.flushes)
  }
  return { value: Number(details[`perSecond${config.committers[0]}`]), details }
})
