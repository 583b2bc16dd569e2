// Load that comes when it comes, whether or not what came before is done.
import { setImmediate as turnOfLoop } from 'node:timers/promises'

import { type Bucket, LatencyHistogram } from '../measure/latency-histogram.ts'
import { poissonGapsMs } from '../measure/latency-arrivals.ts'
import type { Store } from './open-store.ts'

export interface Load {
  readonly perSecond: number
  readonly seconds: number
  readonly seed: number
  readonly bodyBytes: number
}

export interface LoadResult {
  readonly offeredPerSecond: number
  /** What was durable by the time the last arrival was due. */
  readonly achievedPerSecond: number
  /** From the moment a commit was due until it was durable. */
  readonly latency: readonly Bucket[]
  /** How much later than due commits were started; part of their latency. */
  readonly latenessP99Us: number
}

// Timers come up to a millisecond late, so the last part of a wait is spent in turns of the loop.
const timerMs = 2
// A store that is behind when the load ends does not get longer than this to catch up.
const drainMs = 1000

/**
 * Commits at the moments of a Poisson process. Latency is counted from the moment a commit was due,
 * not from the moment the busy event loop came to start it (Tene's "coordinated omission"). What is
 * due when the loop comes round is started in one go.
 */
export async function runOpenLoop(store: Store, load: Load): Promise<LoadResult> {
  const latency = new LatencyHistogram()
  const lateness = new LatencyHistogram()
  const body = Buffer.alloc(load.bodyBytes, 1)
  const gap = poissonGapsMs(load.perSecond, load.seed)
  const started = performance.now()
  const end = started + load.seconds * 1000
  let offered = 0
  let done = 0
  let doneInTime = 0
  let failure: unknown
  const finish = (due: number): void => {
    const now = performance.now()
    latency.record((now - due) * 1000)
    done += 1
    if (now <= end) doneInTime += 1
  }
  const fail = (error: unknown): void => {
    failure ??= error
  }
  const start = (due: number): void => {
    offered += 1
    if (store.commitSync === undefined) {
      store.commit?.(body).then(() => finish(due), fail)
    } else {
      store.commitSync(body)
      finish(due)
    }
  }
  let due = started + gap()
  while (due < end) {
    const now = performance.now()
    // A store that blocks may not get to what was due before the end; that shows in `doneInTime`.
    if (now > end && store.commitSync !== undefined) break
    while (due <= now && due < end) {
      lateness.record((now - due) * 1000)
      start(due)
      due += gap()
    }
    if (due - now > timerMs) await sleep(Math.floor(due - now) - 1)
    else await turnOfLoop()
  }
  while (done < offered && failure === undefined && performance.now() < end + drainMs) {
    await turnOfLoop()
  }
  if (failure !== undefined) throw failure
  for (; due < end; due += gap()) offered += 1
  return {
    offeredPerSecond: offered / load.seconds,
    achievedPerSecond: doneInTime / load.seconds,
    latency: latency.buckets(),
    latenessP99Us: lateness.percentile(99),
  }
}

/**
 * What the same program commits in a second when there is always something to do: `outstanding`
 * commits at any time, each of them timed as in `runOpenLoop`.
 */
export async function measureCapacity(
  store: Store,
  outstanding: number,
  seconds: number,
  bodyBytes: number,
): Promise<number> {
  const latency = new LatencyHistogram()
  const body = Buffer.alloc(bodyBytes, 1)
  const started = performance.now()
  const end = started + seconds * 1000
  let done = 0
  const finish = (due: number): boolean => {
    const now = performance.now()
    latency.record((now - due) * 1000)
    if (now > end) return false
    done += 1
    return true
  }
  const { commit, commitSync } = store
  if (commit === undefined) {
    let due = performance.now()
    while (finish(due)) {
      due = performance.now()
      commitSync?.(body)
    }
  } else {
    const committer = async (): Promise<void> => {
      let due = performance.now()
      do {
        due = performance.now()
        await commit(body)
      } while (finish(due))
    }
    await Promise.all(Array.from({ length: outstanding }, committer))
  }
  return done / seconds
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
