// Committers, and a reader in the same process that follows the end of the log.
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { runCommitters } from './committers.ts'
import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogTailConfig extends LogConfig {
  readonly committers: number
  readonly bodyBytes: number
  readonly seconds: number
  /** Without: what the committers do by themselves. */
  readonly isFollowed: boolean
}

const warmUpSeconds = 0.1

/** Ends of flushes that the follower has not reached, and when they were reported. */
class OpenFlushes {
  readonly #ends: { readonly lsn: number; readonly at: number }[] = []
  readonly lag = new LatencyHistogram()
  /** Delivered before the flush was reported to its committers. */
  ahead = 0
  #deliveredLSN = 0

  flushed(lsn: number): void {
    if (lsn > this.#deliveredLSN) {
      this.#ends.push({ lsn, at: performance.now() })
      return
    }
    this.ahead += 1
    this.lag.record(0)
  }

  delivered(nextLSN: number): void {
    const now = performance.now()
    this.#deliveredLSN = nextLSN
    let reached = 0
    while ((this.#ends[reached]?.lsn ?? Number.POSITIVE_INFINITY) <= nextLSN) {
      this.lag.record((now - (this.#ends[reached]?.at as number)) * 1000)
      reached += 1
    }
    this.#ends.splice(0, reached)
  }
}

subject(async (config: LogTailConfig) => {
  const log = await openLog(config)
  const body = Buffer.alloc(config.bodyBytes, 1)
  const flushes = new OpenFlushes()
  let records = 0
  let batches = 0
  let firstBytes = 0
  let isOver = false
  const follow = async (): Promise<void> => {
    for await (const batch of log.read({ from: log.flushedLSN, live: true }).batches()) {
      for (let i = 0; i < batch.count; i++) firstBytes += batch.bytes[batch.bodyOffset(i)] as number
      records += batch.count
      batches += 1
      flushes.delivered(batch.nextLSN)
      if (isOver) return
    }
  }
  let following: Promise<void> | undefined
  if (config.isFollowed) {
    log.on('flush', (lsn) => flushes.flushed(lsn))
    following = follow()
  }
  let begun = { records: 0, at: 0 }
  let deliveredPerSecond = 0
  const meter = {
    begin: () => {
      begun = { records, at: performance.now() }
    },
    end: () => {
      deliveredPerSecond = ((records - begun.records) / (performance.now() - begun.at)) * 1000
    },
  }
  const { committers, seconds } = config
  const options = { warmUpSeconds, meter }
  const sample = await runCommitters(() => log.commit(body), committers, seconds, options)
  isOver = true
  // Wakes the follower, should it have reached the end.
  await Promise.all([log.commit(body), following])
  await log.close()
  return {
    value: sample.value,
    details: {
      ...sample.details,
      deliveredPerSecond,
      firstBytes,
      recordsPerBatch: records / batches,
      aheadShare: flushes.ahead / flushes.lag.count,
      lag: JSON.stringify(flushes.lag.buckets()),
    },
  }
})
