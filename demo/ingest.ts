// The child: puts a file into the log in durable commits, going on after the last durable record.
// Reports to the parent only
// what was acknowledged. It may be killed at any moment.
import { open, stat } from 'node:fs/promises'
import { createHistogram } from 'node:perf_hooks'

import { Log } from '../lib/index.ts'
import { chunkBytesAt, decodeChunk, encodeChunk } from './chunks.ts'
import type { ChildMessage, IngestRequest } from './messages.ts'

const commitsInFlight = 16
const reportIntervalMs = 5

function tell(message: ChildMessage): void {
  process.send?.(message)
}

/** Where the file goes on: behind the last record of the log. */
async function resumeOffset(log: Log): Promise<number> {
  let offset = 0
  for await (const batch of log.read().batches()) {
    const { offset: at, data } = decodeChunk(batch.body(batch.count - 1))
    offset = at + data.length
  }
  return offset
}

async function ingest(request: IngestRequest): Promise<void> {
  await using log = await Log.open(request.directory, { segmentBytes: request.segmentBytes })
  const fileBytes = (await stat(request.file)).size
  let offset = await resumeOffset(log)
  tell({ kind: 'opened', recovery: { ...log.recovery }, offset, backend: log.stats().backend })
  await using file = await open(request.file)

  const latency = createHistogram()
  // Commits are acknowledged in order, so the last one tells all.
  let acknowledged = offset
  let commits = 0
  const report = (): void => {
    const p50 = latency.count > 0 ? latency.percentile(50) / 1000 : 0
    const p99 = latency.count > 0 ? latency.percentile(99) / 1000 : 0
    tell({ kind: 'progress', acknowledged, commits, p50, p99 })
  }
  const timer = setInterval(report, reportIntervalMs)
  const committer = async (): Promise<void> => {
    while (offset < fileBytes) {
      const at = offset
      const bytes = chunkBytesAt(request.seed, at, fileBytes)
      offset += bytes
      const { buffer } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, at)
      const body = encodeChunk(at, buffer)
      // Reads may come back in another order than they were asked for; records go into the log in
      // the file's order.
      await turnOf(at)
      const started = process.hrtime.bigint()
      const committed = log.commit(body)
      passTurn(at + bytes)
      await committed
      latency.record(process.hrtime.bigint() - started)
      acknowledged = Math.max(acknowledged, at + bytes)
      commits += 1
    }
  }
  const waiting = new Map<number, () => void>()
  let turn = offset
  const turnOf = async (at: number): Promise<void> => {
    if (at !== turn) await new Promise<void>((resolve) => waiting.set(at, resolve))
  }
  const passTurn = (next: number): void => {
    turn = next
    waiting.get(next)?.()
    waiting.delete(next)
  }
  await Promise.all(Array.from({ length: commitsInFlight }, committer))
  clearInterval(timer)
  report()
  tell({ kind: 'done' })
}

process.once('message', (request: IngestRequest) => {
  ingest(request).then(
    () => process.disconnect?.(),
    (error: unknown) => {
      tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
      process.exitCode = 1
      process.disconnect?.()
    },
  )
})
