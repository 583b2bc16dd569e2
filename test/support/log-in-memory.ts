import { recordHeader } from '../../lib/format/layout.ts'
import type { LSN } from '../../lib/format/lsn.ts'
import { exposeInternals } from '../../lib/log/log-internals.ts'
import type { Log } from '../../lib/log/log.ts'
import { type LogRecord, RecordBatch } from '../../lib/log/record-batch.ts'
import type { NativeBinding } from '../../lib/native/binding.ts'
import { recordBytes } from '../../lib/txn/log-space.ts'

const firstLSN = 4096

/**
 * The part of a log that the engine's layers use, as an array: for tests that have to see in which
 * order things happen. Nothing is durable before `flush`.
 */
export class LogInMemory {
  readonly records: LogRecord[] = []
  /** What was done: `append TYPE`, `flush LSN`, `master LSN`, `truncate LSN`. */
  readonly steps: string[] = []
  /** Called before each step is noted. */
  onStep: (step: string) => void = () => {}
  /** Awaited by `flush` and by the setting of the master record. */
  delay: () => Promise<void> = () => Promise.resolve()
  limitLSN = 2 ** 40
  oldestLSN = firstLSN as LSN
  endLSN = firstLSN as LSN
  flushedLSN = firstLSN as LSN

  constructor() {
    const binding = {
      setCheckpoint: (_handle: number, lsn: number, done: (error: undefined) => void): void => {
        this.#step(`master ${lsn}`)
        void this.delay().then(() => done(undefined))
      },
    } as unknown as NativeBinding
    exposeInternals(this.asLog(), binding, 0, () => {})
  }

  asLog(): Log {
    return this as unknown as Log
  }

  append(body: Uint8Array, options: { type: number }): LSN {
    this.#step(`append ${options.type}`)
    const lsn = this.endLSN
    this.endLSN = (lsn + recordBytes(body.length)) as LSN
    this.records.push({ lsn, type: options.type, body: body.slice(), nextLSN: this.endLSN })
    return lsn
  }

  async flush(lsn: LSN): Promise<void> {
    this.#step(`flush ${lsn}`)
    const end = this.endLSN
    await this.delay()
    this.flushedLSN = Math.max(this.flushedLSN, end) as LSN
  }

  async truncateBefore(lsn: LSN): Promise<LSN> {
    this.#step(`truncate ${lsn}`)
    await Promise.resolve()
    this.oldestLSN = Math.max(this.oldestLSN, lsn) as LSN
    return this.oldestLSN
  }

  async get(lsn: LSN): Promise<LogRecord> {
    const record = this.records.find((one) => one.lsn === lsn)
    if (record === undefined) throw new Error(`no record at ${lsn}`)
    return Promise.resolve(record)
  }

  read({ from, to }: { from: LSN; to?: LSN }): { batches(): AsyncIterable<RecordBatch> } {
    const batch = this.batch(from, to)
    return {
      async *batches() {
        if (batch.count > 0) yield batch
      },
    }
  }

  stats(): { limitLSN: number; oldestLSN: LSN } {
    return { limitLSN: this.limitLSN, oldestLSN: this.oldestLSN }
  }

  /** The records from `from` on that begin before `to`, in columns. */
  batch(from: LSN = firstLSN as LSN, to: LSN = this.endLSN): RecordBatch {
    const records = this.records.filter(({ lsn }) => lsn >= from && lsn < to)
    const bytes = new Uint8Array(this.endLSN - firstLSN)
    const index = new Uint32Array(3 * records.length)
    for (const [i, { lsn, type, body }] of records.entries()) {
      const at = lsn - firstLSN + recordHeader.bytes
      bytes.set(body, at)
      index.set([at, body.length, type], 3 * i)
    }
    return new RecordBatch({
      buffer: bytes.buffer,
      index: index.buffer,
      baseLSN: firstLSN,
      nextLSN: records.at(-1)?.nextLSN ?? from,
    })
  }

  #step(step: string): void {
    this.onStep(step)
    this.steps.push(step)
  }
}
