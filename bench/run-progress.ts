import { ProgressView } from '../programs/progress-view.ts'

const redrawnEveryMs = 500

/** What each case takes, in seconds: quickly, and with --full. Only their proportions matter. */
const typicalSeconds: Readonly<Record<string, readonly [quick: number, full: number]>> = {
  'commit-lone': [10, 52],
  commits: [50, 722],
  latency: [15, 124],
  'event-loop': [18, 126],
  append: [3, 13],
  read: [10, 25],
  options: [12, 113],
  memory: [3, 6],
  transfer: [25, 68],
  redo: [12, 67],
  checkpoint: [6, 46],
  pages: [8, 68],
  pool: [6, 15],
  'engine-memory': [4, 7],
}

/** How far a case is that has run for `seconds` and takes `expectedSeconds`, about: never done. */
export function partOfCase(seconds: number, expectedSeconds: number): number {
  return Math.min(0.95, seconds / expectedSeconds)
}

/**
 * How far a run is, on one line of a terminal: part and time left (from what its cases usually
 * take, and how fast this machine was so far), and measurements a second.
 */
export class RunProgress {
  readonly #names: readonly string[]
  readonly #weights: readonly number[]
  readonly #measurements: () => number
  readonly #view: ProgressView
  #index = -1
  #doneWeight = 0
  #startedMs = 0
  #caseStartedMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    names: readonly string[],
    full: boolean,
    measurements: () => number,
    view = new ProgressView(),
  ) {
    this.#names = names
    this.#weights = names.map((name) => typicalSeconds[name]?.[full ? 1 : 0] ?? 10)
    this.#measurements = measurements
    this.#view = view
  }

  /** The next case begins. */
  begin(name: string): void {
    const now = performance.now()
    this.#index = this.#names.indexOf(name)
    this.#doneWeight = sum(this.#weights.slice(0, this.#index))
    this.#caseStartedMs = now
    if (this.#index === 0) this.#startedMs = now
    this.#timer = setInterval(() => this.#show(), redrawnEveryMs)
  }

  /** It has ended. */
  end(): void {
    clearInterval(this.#timer)
    this.#view.clear()
  }

  /** For what is said meanwhile. */
  clear(): void {
    this.#view.clear()
  }

  #show(): void {
    const now = performance.now()
    const weight = this.#weights[this.#index] ?? 1
    const secondsBefore = (this.#caseStartedMs - this.#startedMs) / 1000
    const pace = this.#doneWeight === 0 ? 1 : secondsBefore / this.#doneWeight
    const inCase = partOfCase((now - this.#caseStartedMs) / 1000, weight * pace)
    const fraction = (this.#doneWeight + inCase * weight) / sum(this.#weights)
    const perSecond = this.#measurements() / ((now - this.#startedMs) / 1000)
    const where = `${this.#names[this.#index]} (${this.#index + 1} of ${this.#names.length})`
    this.#view.show(fraction, `${where}, ${perSecond.toFixed(1)} measurements/s`)
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
