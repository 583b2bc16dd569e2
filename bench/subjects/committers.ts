import { createHistogram } from 'node:perf_hooks'

import type { Sample } from '../measure/rounds.ts'

const defaultWarmUpSeconds = 0.25

export interface RunOptions {
  readonly warmUpSeconds?: number
  /** Hears when what is measured begins, and when it ends. */
  readonly meter?: { begin(): void; end(commits: number): void }
}

/** How commits are made; `index` counts them. Without a promise the commit is durable on return. */
export type Commit = (index: number) => Promise<unknown> | undefined

function toSample(
  commits: number,
  seconds: number,
  latency: { percentile(p: number): number },
): Sample {
  return {
    value: commits / seconds,
    details: {
      commits,
      seconds,
      p50Us: latency.percentile(50) / 1000,
      p99Us: latency.percentile(99) / 1000,
    },
  }
}

/**
 * `count` committers, each of which waits for its commit before the next one. Latency is that of
 * the first committer.
 */
export async function runCommitters(
  commit: Commit,
  count: number,
  seconds: number,
  { warmUpSeconds = defaultWarmUpSeconds, meter }: RunOptions = {},
): Promise<Sample> {
  const latency = createHistogram()
  let commits = 0
  let stopped = false
  const committer = async (): Promise<void> => {
    while (!stopped) {
      await commit(commits)
      commits += 1
    }
  }
  const timedCommitter = async (): Promise<void> => {
    while (!stopped) {
      const started = performance.now()
      await commit(commits)
      commits += 1
      latency.record(Math.max(1, Math.round((performance.now() - started) * 1e6)))
    }
  }
  const all = [timedCommitter(), ...Array.from({ length: count - 1 }, committer)]
  const after = (delaySeconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, delaySeconds * 1000))
  await after(warmUpSeconds)
  latency.reset()
  meter?.begin()
  const before = commits
  const started = performance.now()
  await after(seconds)
  const measured = commits - before
  const took = (performance.now() - started) / 1000
  meter?.end(measured)
  stopped = true
  await Promise.all(all)
  return toSample(measured, took, latency)
}

/** One committer whose commits block the thread. */
export function runBlocking(
  commit: (index: number) => void,
  seconds: number,
  { warmUpSeconds = defaultWarmUpSeconds, meter }: RunOptions = {},
): Sample {
  const latency = createHistogram()
  let commits = 0
  const runFor = (duration: number): number => {
    const started = performance.now()
    let now = started
    while (now - started < duration * 1000) {
      commit(commits)
      commits += 1
      const done = performance.now()
      latency.record(Math.max(1, Math.round((done - now) * 1e6)))
      now = done
    }
    return (now - started) / 1000
  }
  runFor(warmUpSeconds)
  latency.reset()
  meter?.begin()
  const before = commits
  const took = runFor(seconds)
  meter?.end(commits - before)
  return toSample(commits - before, took, latency)
}
