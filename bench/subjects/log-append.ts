// Appending without waiting, from one thread.
import { setImmediate as turn } from 'node:timers/promises'

import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogAppendConfig extends LogConfig {
  readonly bodyBytes: number
  readonly records: number
}

// Between slices the event loop gets a turn: it is what tells a program that a segment was begun.
const sliceRecords = 50_000

subject(async (config: LogAppendConfig) => {
  await using log = await openLog(config)
  const body = Buffer.alloc(config.bodyBytes, 1)
  const counter = new Uint32Array(body.buffer, body.byteOffset, 1)
  const before = log.stats()
  const started = performance.now()
  for (let done = 0; done < config.records;) {
    const end = Math.min(done + sliceRecords, config.records)
    for (; done < end; done++) {
      counter[0] = done
      log.append(body)
    }
    await turn()
  }
  const appended = performance.now()
  await log.flush()
  const durable = performance.now()
  const after = log.stats()
  const rate = (end: number): number => config.records / ((end - started) / 1000)
  return {
    value: rate(appended),
    details: {
      durablePerSecond: rate(durable),
      megabytesPerSecond: (rate(durable) * config.bodyBytes) / 1e6,
      waitShare: (after.appendWaitMs - before.appendWaitMs) / (appended - started),
      waits: after.appendWaits - before.appendWaits,
      segmentsCreated: after.segmentsCreated - before.segmentsCreated,
      segmentsRecycled: after.segmentsRecycled - before.segmentsRecycled,
    },
  }
})
