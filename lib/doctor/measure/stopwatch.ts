import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

import type { Measurement } from '../facts.ts'

// Signals and progress are seen only between turns of the event loop.
const turnMs = 50

/** Durations of one method, in bounded memory however many there are. */
export class Stopwatch {
  readonly #histogram: RecordableHistogram = createHistogram()
  readonly #signal: AbortSignal
  readonly #onTurn: (elapsedMs: number) => void
  readonly #startedAtMs = performance.now()
  readonly #endsAtMs: number
  #pausedMs = 0
  #operations = 0

  constructor(durationMs: number, signal: AbortSignal, onTurn: (elapsedMs: number) => void) {
    this.#endsAtMs = this.#startedAtMs + durationMs
    this.#signal = signal
    this.#onTurn = onTurn
  }

  get isOver(): boolean {
    return performance.now() >= this.#endsAtMs || this.#signal.aborted
  }

  /** Takes the time since `startedAtMs` as that of one operation. */
  record(startedAtMs: number): void {
    const nanoseconds = Math.round((performance.now() - startedAtMs) * 1e6)
    this.#histogram.record(Math.max(1, nanoseconds))
    this.#operations += 1
  }

  /** Repeats what blocks; other things have their turn now and then. */
  async repeat(
    operation: (index: number) => void,
    betweenTurns: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    let turnAtMs = performance.now() + turnMs
    for (let index = 0; !this.isOver; index += 1) {
      const startedAtMs = performance.now()
      operation(index)
      this.record(startedAtMs)
      if (performance.now() < turnAtMs) continue
      const pausedAtMs = performance.now()
      this.report()
      await nextTurn()
      await betweenTurns()
      this.#pausedMs += performance.now() - pausedAtMs
      turnAtMs = performance.now() + turnMs
    }
  }

  /** Tells how far it is. */
  report(): void {
    this.#onTurn(performance.now() - this.#startedAtMs)
  }

  /** What was recorded since the beginning, until now. */
  result(): Omit<Measurement, 'id' | 'method' | 'writeBytes' | 'skipped'> {
    const seconds = (performance.now() - this.#startedAtMs - this.#pausedMs) / 1000
    const microseconds = (nanoseconds: number): number => Math.round(nanoseconds / 10) / 100
    if (this.#operations === 0) return nothing
    return {
      operations: this.#operations,
      operationsPerSecond: Math.round(this.#operations / seconds),
      p50Us: microseconds(this.#histogram.percentile(50)),
      p99Us: microseconds(this.#histogram.percentile(99)),
      maxUs: microseconds(this.#histogram.max),
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The numbers of a method that could not be measured. */
export const nothing = { operations: 0, operationsPerSecond: 0, p50Us: 0, p99Us: 0, maxUs: 0 }
