// Durable commits to a log: one or many awaited committers, or one that blocks.
import { runBlocking, runCommitters } from './committers.ts'
import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogCommitConfig extends LogConfig {
  readonly committers: number
  /** Use commitSync; one committer then. */
  readonly blocking: boolean
  readonly bodyBytes: number
  readonly seconds: number
}

subject(async (config: LogCommitConfig) => {
  await using log = await openLog(config)
  const body = Buffer.alloc(config.bodyBytes, 1)
  const counter = new Uint32Array(body.buffer, body.byteOffset, 1)
  const before = log.stats()
  const commit = (index: number): Promise<unknown> => {
    counter[0] = index
    return log.commit(body)
  }
  const commitSync = (index: number): void => {
    counter[0] = index
    log.commitSync(body)
  }
  const sample = config.blocking
    ? runBlocking(commitSync, config.seconds)
    : await runCommitters(commit, config.committers, config.seconds)
  const after = log.stats()
  const records = after.recordsFlushed - before.recordsFlushed
  return {
    value: sample.value,
    details: {
      ...sample.details,
      megabytesPerSecond: (sample.value * config.bodyBytes) / 1e6,
      recordsPerFlush: records / (after.flushes - before.flushes),
      syncsPerRecord: (after.deviceSyncs - before.deviceSyncs) / records,
      writesPerRecord: (after.deviceWrites - before.deviceWrites) / records,
      segmentsCreated: after.segmentsCreated - before.segmentsCreated,
      segmentsRecycled: after.segmentsRecycled - before.segmentsRecycled,
      backend: after.backend,
    },
  }
})
