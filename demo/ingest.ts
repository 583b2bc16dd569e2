// The child: puts a file into the log in durable commits, going on after the last durable record.
// Tells the parent only what was acknowledged. It may be killed at any moment.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { createHistogram } from 'node:perf_hooks'

import { Log } from '../lib/index.ts'
import { chunkBytesAt, decodeChunk, offsetBytes } from './chunks.ts'
import { type ChildMessage, type IngestRequest, leadShare, type ParentMessage } from './messages.ts'

const commitsInFlight = 16
const reportIntervalMs = 50
const reportShare = leadShare / 8

function tell(message: ChildMessage): void {
  process.send?.(message)
}

/** Where the file goes on: behind the last record of the log. */
async function resumeOffset(log: Log): Promise<number> {
  let offset = 0
  let toldMs = performance.now()
  for await (const batch of log.read().batches()) {
    const { offset: at, data } = decodeChunk(batch.body(batch.count - 1))
    offset = at + data.length
    if (performance.now() - toldMs < reportIntervalMs) continue
    toldMs = performance.now()
    tell({ kind: 'resuming', offset })
  }
  return offset
}

/** Holds the committers back while the parent has not seen enough of what was acknowledged. */
class Lead {
  readonly #maxBytes: number
  #seen: number
  #waiting: (() => void)[] = []

  constructor(maxBytes: number, seen: number) {
    this.#maxBytes = maxBytes
    this.#seen = seen
  }

  allows(offset: number): boolean {
    return offset < this.#seen + this.#maxBytes
  }

  see(offset: number): void {
    this.#seen = offset
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

class Ingest {
  readonly #log: Log
  readonly #file: number
  readonly #fileBytes: number
  readonly #seed: number
  readonly #latency = createHistogram()
  readonly lead: Lead
  #next: number
  #acknowledged: number
  #reported: number
  #commits = 0

  constructor(log: Log, request: IngestRequest, file: number, fileBytes: number, offset: number) {
    this.#log = log
    this.#file = file
    this.#fileBytes = fileBytes
    this.#seed = request.seed
    this.lead = new Lead(Math.max(1, fileBytes * leadShare), offset)
    this.#next = offset
    this.#acknowledged = offset
    this.#reported = offset
  }

  async run(): Promise<void> {
    const timer = setInterval(() => this.#report(), reportIntervalMs)
    await Promise.all(Array.from({ length: commitsInFlight }, () => this.#commitChunks()))
    clearInterval(timer)
    this.#report()
  }

  // Nothing is awaited between taking a piece and appending it, so records go into the log in the
  // file's order.
  async #commitChunks(): Promise<void> {
    while (this.#next < this.#fileBytes) {
      if (!this.lead.allows(this.#next)) {
        this.#report()
        await this.lead.change()
        continue
      }
      const offset = this.#next
      const body = this.#readChunk(offset)
      const end = offset + body.length - offsetBytes
      this.#next = end
      const started = process.hrtime.bigint()
      await this.#log.commit(body)
      this.#latency.record(process.hrtime.bigint() - started)
      this.#commits += 1
      // Commits are acknowledged in the order of the log, so the last one tells all.
      this.#acknowledged = Math.max(this.#acknowledged, end)
      if (this.#acknowledged - this.#reported >= this.#fileBytes * reportShare) this.#report()
    }
  }

  #readChunk(offset: number): Buffer {
    const bytes = chunkBytesAt(this.#seed, offset, this.#fileBytes)
    const body = Buffer.allocUnsafe(offsetBytes + bytes)
    body.writeDoubleLE(offset, 0)
    const read = readSync(this.#file, body, offsetBytes, bytes, offset)
    if (read !== bytes) throw new Error(`the file changed: ${read} of ${bytes} bytes at ${offset}`)
    return body
  }

  #report(): void {
    if (this.#acknowledged === this.#reported) return
    this.#reported = this.#acknowledged
    tell({
      kind: 'progress',
      acknowledged: this.#acknowledged,
      commits: this.#commits,
      p50: this.#latency.percentile(50) / 1000,
      p99: this.#latency.percentile(99) / 1000,
    })
  }
}

async function ingest(request: IngestRequest): Promise<void> {
  await using log = await Log.open(request.directory, { segmentBytes: request.segmentBytes })
  const offset = await resumeOffset(log)
  const { backend, directIO } = log.stats()
  const file = openSync(request.file, 'r')
  const work = new Ingest(log, request, file, statSync(request.file).size, offset)
  process.on('message', (message: ParentMessage) => {
    if (message.kind === 'seen') work.lead.see(message.offset)
  })
  tell({ kind: 'opened', recovery: log.recovery, offset, backend, directIO })
  await work.run()
  closeSync(file)
}

// Without a parent nobody is told anything.
process.once('disconnect', () => process.exit(1))
process.once('message', (message: ParentMessage) => {
  if (message.kind !== 'ingest') return
  ingest(message).then(
    () => tell({ kind: 'done' }),
    (error: unknown) => {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
    },
  )
})
