import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Sample } from '../measure/rounds.ts'

const warmUpSeconds = 0.25

/**
 * `count` clients, each of which waits for its work before it does the next. Latency is that of all
 * of them, and includes what began during the warm-up.
 */
export async function runClients(
  work: () => Promise<unknown>,
  count: number,
  seconds: number,
): Promise<Sample> {
  const latency = createHistogram()
  let done = 0
  let isOver = false
  const client = async (): Promise<void> => {
    for (let began = performance.now(); !isOver;) {
      await work()
      const now = performance.now()
      latency.record(Math.max(1, Math.round((now - began) * 1e6)))
      began = now
      done += 1
    }
  }
  const all = Array.from({ length: count }, client)
  await sleep(warmUpSeconds * 1000)
  latency.reset()
  const before = done
  const started = performance.now()
  await sleep(seconds * 1000)
  const measured = done - before
  const took = (performance.now() - started) / 1000
  const p50Us = latency.percentile(50) / 1000
  const p99Us = latency.percentile(99) / 1000
  const worstUs = latency.max / 1000
  isOver = true
  await Promise.all(all)
  const details = { commits: measured, seconds: took, p50Us, p99Us, worstUs }
  return { value: measured / took, details }
}
