import type { LSN } from '../format/lsn.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import type { RestartPhase, RestartProgress } from './restart-report.ts'

const intervalMs = 50

/** Tells `onProgress` how far a phase has come, now and then. */
export class PhaseProgress {
  readonly #phase: RestartPhase
  readonly #from: LSN
  readonly #to: LSN
  readonly #onProgress: ((progress: RestartProgress) => void) | undefined
  readonly #clock: Clock
  readonly #startedAtMs: number
  #lastMs = 0

  /** The phase goes from `from` to `to`; in undo the other way than the log. */
  constructor(
    phase: RestartPhase,
    from: LSN,
    to: LSN,
    onProgress: ((progress: RestartProgress) => void) | undefined,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock
    this.#startedAtMs = clock.monotonicMs()
    this.#phase = phase
    this.#from = from
    this.#to = to
    this.#onProgress = onProgress
    this.at(from, 0)
  }

  at(lsn: LSN, records: number): void {
    if (this.#onProgress === undefined) return
    const nowMs = this.#clock.monotonicMs()
    if (records > 0 && nowMs - this.#lastMs < intervalMs) return
    this.#lastMs = nowMs
    const length = this.#to - this.#from
    const done = length === 0 ? undefined : (lsn - this.#from) / length
    const elapsedMs = nowMs - this.#startedAtMs
    const remainingMs = done === undefined || done <= 0 ? undefined : elapsedMs / done - elapsedMs
    this.#onProgress({ phase: this.#phase, lsn, records, done, remainingMs })
  }

  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedAtMs
  }
}
