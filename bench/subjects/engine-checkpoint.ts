// Transfers with and without checkpoints, in turn on the same tables: whatever else changes with time
// changes for both.
import { createHistogram, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import { causesOf, lengthOf, overlapMs, type TimeSpan } from '../measure/stall-causes.ts'
import { randomTransfers } from '../transfers.ts'
import { Bank } from './bank.ts'
import { laterWarmUpSeconds, runClients } from './clients.ts'
import { type EngineConfig, openNewEngine } from './open-engine.ts'
import { subject } from './subject.ts'

export interface EngineCheckpointConfig extends EngineConfig {
  readonly clients: number
  /** Of each phase. */
  readonly seconds: number
  /** One without and one with checkpoints. */
  readonly phasePairs: number
  /** Of the detail `transfersPerBucket`. */
  readonly bucketMs: number
  readonly seed: number
  readonly accounts: number
}

type Kind = 'calm' | 'busy'

const tickMs = 1
// Shorter ones are what flushes take.
const stallMs = 1.5
const nothing: TimeSpan = { beganMs: 0, endedMs: 0 }

/** What is known of all phases of one kind. */
class PhaseCounts {
  readonly latency = createHistogram()
  commits = 0
  ms = 0
  worst: TimeSpan = { beganMs: 0, endedMs: 0 }
  /** Times without the end of any transfer. */
  readonly stalls: TimeSpan[] = []

  note(beganMs: number, endedMs: number, previousMs: number): void {
    this.commits += 1
    this.latency.record(Math.max(1, Math.round((endedMs - beganMs) * 1e6)))
    if (endedMs - beganMs > lengthOf(this.worst)) this.worst = { beganMs, endedMs }
    if (endedMs - previousMs > stallMs) this.stalls.push({ beganMs: previousMs, endedMs })
  }

  get longestStall(): TimeSpan {
    return this.stalls.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a), nothing)
  }
}

function observeCollections(): { spans: TimeSpan[]; stop(): Promise<void> } {
  const spans: TimeSpan[] = []
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      spans.push({ beganMs: startTime, endedMs: startTime + duration })
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const stop = async (): Promise<void> => {
    // Entries arrive a turn later.
    await sleep(1)
    observer.disconnect()
  }
  return { spans, stop }
}

function detailsOf(kind: Kind, counts: PhaseCounts, collections: TimeSpan[], ticksMs: number[]) {
  const { latency, commits, ms, worst, longestStall, stalls } = counts
  const longest = causesOf(longestStall, collections, ticksMs, tickMs)
  return {
    [`${kind}PerSecond`]: commits / (ms / 1000),
    [`${kind}P50Us`]: latency.percentile(50) / 1000,
    [`${kind}P99Us`]: latency.percentile(99) / 1000,
    [`${kind}WorstUs`]: latency.max / 1000,
    [`${kind}WorstCollectionMs`]: overlapMs(worst, collections),
    [`${kind}StallMs`]: longest.totalMs,
    [`${kind}StallCollectionMs`]: longest.collectionMs,
    [`${kind}StallWaitMs`]: longest.waitMs,
    [`${kind}StallBusyMs`]: longest.busyMs,
    [`${kind}Stalls`]: stalls.length,
    [`${kind}StallsMs`]: stalls.reduce((sum, stall) => sum + lengthOf(stall), 0),
    [`${kind}StallsCollectionMs`]: stalls.reduce((sum, s) => sum + overlapMs(s, collections), 0),
  }
}

subject(async (config: EngineCheckpointConfig) => {
  const { clients, seconds, phasePairs, bucketMs, seed, accounts } = config
  await using engine = await openNewEngine(config)
  const bank = await Bank.create(engine, accounts)
  const next = randomTransfers(seed, accounts)
  const transfer = (): Promise<void> => bank.transfer(next())
  await runClients(transfer, clients, laterWarmUpSeconds)

  const collections = observeCollections()
  const ticksMs: number[] = []
  const ticks = setInterval(() => ticksMs.push(performance.now()), tickMs)
  const phases = { calm: new PhaseCounts(), busy: new PhaseCounts() }
  const buckets: number[] = []
  let kind: Kind = 'calm'
  let previousMs = performance.now()
  const startedMs = previousMs
  const onDone = (beganMs: number, endedMs: number): void => {
    phases[kind].note(beganMs, endedMs, previousMs)
    previousMs = endedMs
    const bucket = Math.floor((endedMs - startedMs) / bucketMs)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  const checkpoints: TimeSpan[] = []
  const runPhase = async (): Promise<void> => {
    const phase = phases[kind]
    const phaseStartedMs = performance.now()
    const endMs = phaseStartedMs + seconds * 1000
    while (kind === 'busy' && performance.now() < endMs) {
      const beganMs = performance.now()
      await engine.checkpoint()
      checkpoints.push({ beganMs, endedMs: performance.now() })
    }
    await sleep(Math.max(0, endMs - performance.now()))
    phase.ms += performance.now() - phaseStartedMs
  }
  const before = engine.stats()
  const allPhases = async (): Promise<void> => {
    for (let pair = 0; pair < phasePairs; pair++) {
      kind = 'calm'
      await runPhase()
      kind = 'busy'
      await runPhase()
    }
  }
  let isOver = false
  const client = async (): Promise<void> => {
    for (let began = performance.now(); !isOver;) {
      await transfer()
      const ended = performance.now()
      onDone(began, ended)
      began = ended
    }
  }
  const all = Array.from({ length: clients }, client)
  await allPhases()
  const measuredMs = performance.now() - startedMs
  const after = engine.stats()
  isOver = true
  await Promise.all(all)
  clearInterval(ticks)
  await collections.stop()
  await bank.check()

  const timeline = buckets.slice(0, Math.floor(measuredMs / bucketMs))
  const shown = ({ beganMs, endedMs }: TimeSpan): string =>
    `${(beganMs - startedMs).toFixed(0)}-${(endedMs - startedMs).toFixed(0)}`
  const details = {
    ...detailsOf('calm', phases.calm, collections.spans, ticksMs),
    ...detailsOf('busy', phases.busy, collections.spans, ticksMs),
    checkpoints: checkpoints.length,
    checkpointSpansMs: checkpoints.map(shown).join(' '),
    pagesWritten: after.pages.pagesWritten - before.pages.pagesWritten,
    logWaits: after.pages.logWaits - before.pages.logWaits,
    transfersPerBucket: Array.from(timeline, (count) => count ?? 0).join(' '),
  }
  return { value: phases.busy.commits / (phases.busy.ms / 1000), details }
})
