// Resident memory while a log is used hard. Needs --expose-gc.
import { setImmediate as turn } from 'node:timers/promises'

import { loadLibrary, startRecycling } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogMemoryConfig {
  readonly directory: string
  readonly bufferBytes: number
  readonly bodyBytes: number
  readonly records: number
  /** Awaited committers; 0: append without waiting. */
  readonly committers: number
}

const samplesWanted = 10

function residentBytes(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

subject(async (config: LogMemoryConfig) => {
  const { Log } = await loadLibrary()
  const body = Buffer.alloc(config.bodyBytes, 1)
  await using log = await Log.open(config.directory, { bufferBytes: config.bufferBytes })
  const everyRecords = Math.ceil(config.records / samplesWanted)
  const afterOpen = residentBytes()
  await startRecycling(log)
  const resident: number[] = []
  let done = 0
  const note = (): void => {
    if (done % everyRecords === 0) resident.push(residentBytes())
  }
  const started = performance.now()
  if (config.committers === 0) {
    while (done < config.records) {
      log.append(body)
      done += 1
      note()
      if (done % 1024 === 0 || config.bodyBytes > 65536) await turn()
    }
    await log.flush()
  } else {
    const committer = async (): Promise<void> => {
      while (done < config.records) {
        done += 1
        note()
        await log.commit(body)
      }
    }
    await Promise.all(Array.from({ length: config.committers }, committer))
  }
  const seconds = (performance.now() - started) / 1000
  const at = (index: number): number => resident.at(index) ?? afterOpen
  const mebibytes = (bytes: number): number => bytes / 2 ** 20
  return {
    // The first tenth is warm-up: compiled code, and the buffer touched for the first time.
    value: mebibytes(at(-1) - at(0)),
    details: {
      afterOpenMiB: mebibytes(afterOpen),
      firstMiB: mebibytes(at(0)),
      lastMiB: mebibytes(at(-1)),
      peakGrowthMiB: mebibytes(Math.max(...resident) - afterOpen),
      perSecond: config.records / seconds,
    },
  }
})
