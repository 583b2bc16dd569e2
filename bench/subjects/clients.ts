import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Sample } from '../measure/rounds.ts'

const defaultWarmUpSeconds = 0.25

/** A process that has run clients before needs less of it than one that has just begun. */
export const laterWarmUpSeconds = 0.1

export interface ClientOptions {
  readonly warmUpSeconds?: number
  /** Hears of every piece of work, those of the warm-up included. */
  readonly onDone?: (beganMs: number, endedMs: number) => void
}

/** CPU time of this process so far, all threads. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * `count` clients, each of which waits for its work before it does the next. Latency is that of all
 * of them, and includes what began during the warm-up.
 */
export async function runClients(
  work: () => Promise<unknown>,
  count: number,
  seconds: number,
  { warmUpSeconds = defaultWarmUpSeconds, onDone }: ClientOptions = {},
): Promise<Sample> {
  const latency = createHistogram()
  let done = 0
  let isOver = false
  const client = async (): Promise<void> => {
    for (let began = performance.now(); !isOver;) {
      await work()
      const now = performance.now()
      latency.record(Math.max(1, Math.round((now - began) * 1e6)))
      onDone?.(began, now)
      began = now
      done += 1
    }
  }
  const all = Array.from({ length: count }, client)
  await sleep(warmUpSeconds * 1000)
  latency.reset()
  const before = done
  const cpuBefore = cpuSeconds()
  const started = performance.now()
  await sleep(seconds * 1000)
  const measured = done - before
  const took = (performance.now() - started) / 1000
  const cpuPerMillion = ((cpuSeconds() - cpuBefore) / measured) * 1e6
  const p50Us = latency.percentile(50) / 1000
  const p99Us = latency.percentile(99) / 1000
  const worstUs = latency.max / 1000
  isOver = true
  await Promise.all(all)
  const details = { commits: measured, seconds: took, p50Us, p99Us, worstUs, cpuPerMillion }
  return { value: measured / took, details }
}
