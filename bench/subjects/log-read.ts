// Reading a whole log from its beginning.
import { loadLibrary } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogReadConfig {
  readonly directory: string
  readonly form: 'batches' | 'records'
}

subject(async (config: LogReadConfig) => {
  const { Log } = await loadLibrary()
  await using log = await Log.open(config.directory, { readOnly: true })
  let records = 0
  let bytes = 0
  // Every record's place, length and first byte are looked at: a reader that did less would not
  // read.
  let firstBytes = 0
  const started = performance.now()
  if (config.form === 'batches') {
    for await (const batch of log.read().batches()) {
      for (let i = 0; i < batch.count; i++) {
        bytes += batch.bodyBytes(i)
        firstBytes += batch.bytes[batch.bodyOffset(i)] as number
      }
      records += batch.count
    }
  } else {
    for await (const { body } of log.read()) {
      bytes += body.length
      firstBytes += body[0] as number
      records += 1
    }
  }
  const seconds = (performance.now() - started) / 1000
  return {
    value: records / seconds,
    details: { megabytesPerSecond: bytes / 1e6 / seconds, records, seconds, firstBytes },
  }
})
