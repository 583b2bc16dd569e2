import { Random } from '../../test/support/random.ts'
import type { Counts, Failure, FaultOutcomes, LayerContext, LayerResult } from '../layer.ts'
import type { Backend } from './backends.ts'
import { cpuSecondsUsed } from '../cpu-time.ts'
import type { Place } from './place.ts'
import { type ChainResult, randomChain } from './random-chain.ts'
import type { ChainParameters } from './repeat.ts'
import { namedPoints, tour } from './tour.ts'
import type { Violation } from './violation.ts'

// Chains that go on at the same time: while one waits for the drive, others have the processor.
const lanes = 3
const roundsPerChain = 25
const seedsApart = 0x9e3779b1
// CPU time that it takes to go to all named points once.
const tourCpuSeconds = 10
const kinds = ['log', 'engine'] as const

interface Task {
  readonly kind: 'log' | 'engine'
  readonly backend: Backend
}

/** Named points first, then random chains until the CPU time is used. */
export class Campaign {
  readonly #context: LayerContext
  readonly #place: Place
  readonly #backends: readonly Backend[]
  readonly #acknowledgesEarly: boolean
  readonly #startedAtMs = performance.now()
  readonly #cpuSecondsBefore = cpuSecondsUsed()
  readonly #violations: Failure[] = []
  readonly #kills: Record<Backend, number> = { io_uring: 0, threads: 0 }
  readonly #points = new Set<string>()
  readonly #hit = new Set<string>()
  #killsAtPoints = 0
  #killsInRecovery = 0
  #deepest = 0
  #chains = 0
  #acknowledged = 0

  constructor(
    context: LayerContext,
    place: Place,
    backends: readonly Backend[],
    acknowledgesEarly: boolean,
  ) {
    this.#context = context
    this.#place = place
    this.#backends = backends
    this.#acknowledgesEarly = acknowledgesEarly
  }

  async run(): Promise<LayerResult> {
    const tasks = this.#tasks()
    const tours = Math.floor(this.#context.budgetCpuSeconds / 2 / tourCpuSeconds)
    const chosen = tasks.slice(0, tours)
    let next = 0
    await this.#inLanes(async () => {
      const task = chosen.shift()
      if (task !== undefined) await this.#tour(task)
      else await this.#chain(tasks[next % tasks.length] as Task, next++)
    })
    return this.#result()
  }

  /** Until each kind of store has been caught. */
  async runCanary(): Promise<LayerResult> {
    const caught = new Set<string>()
    let next = 0
    await this.#inLanes(async () => {
      const kind = kinds.find((one) => !caught.has(one))
      if (kind === undefined) return false
      const before = this.#violations.length
      const backend = this.#backends[next % this.#backends.length] ?? 'threads'
      await this.#chain({ kind, backend }, next++)
      if (this.#violations.length > before) caught.add(kind)
      return true
    })
    return this.#result()
  }

  // Every pair, so that the first two are different in both.
  #tasks(): Task[] {
    const [first = 'threads', second = first] =
      this.#context.seed % 2 === 0 ? this.#backends : this.#backends.toReversed()
    const tasks: Task[] = [
      { kind: 'log', backend: first },
      { kind: 'engine', backend: second },
    ]
    if (second === first) return tasks
    return [...tasks, { kind: 'log', backend: second }, { kind: 'engine', backend: first }]
  }

  get #cpuSeconds(): number {
    return cpuSecondsUsed() - this.#cpuSecondsBefore
  }

  get #hasTime(): boolean {
    return this.#cpuSeconds < this.#context.budgetCpuSeconds
  }

  async #inLanes(step: () => Promise<boolean | void>): Promise<void> {
    const timer = setInterval(() => this.#context.progress(this.#counts()), 500)
    const lane = async (): Promise<void> => {
      while (this.#hasTime) if ((await step()) === false) return
    }
    try {
      await Promise.all(Array.from({ length: lanes }, lane))
    } finally {
      clearInterval(timer)
      this.#context.progress(this.#counts())
    }
  }

  async #tour(task: Task): Promise<void> {
    const points = namedPoints[task.kind]
    const { seed } = this.#context
    const options = { ...task, acknowledgesEarly: this.#acknowledgesEarly }
    const result = await tour(options, points, this.#place, seed)
    this.#kills[task.backend] += result.kills
    this.#killsAtPoints += result.kills
    this.#acknowledged += result.acknowledged
    for (const { name } of points) this.#points.add(`${task.backend}: ${name}`)
    for (const name of result.hit) this.#hit.add(`${task.backend}: ${name}`)
    const names = points.map((point) => point.name)
    for (const { point, violation } of result.violations) {
      const last = points.indexOf(point)
      const first = points.slice(0, last).findLastIndex(({ isNew }) => isNew === true)
      const choices = names.map((_, i) => i).slice(Math.max(0, first), last + 1)
      const message = `${point.name}: ${violation.message}`
      this.#fail({ ...options, points: names }, { ...violation, message }, seed, choices)
    }
  }

  // Its number decides everything in it, whichever chains run beside it.
  async #chain(task: Task, number: number): Promise<void> {
    const random = new Random(this.#context.seed + number * seedsApart)
    const seed = random.below(2 ** 31)
    const seeds = Array.from({ length: roundsPerChain }, () => random.below(2 ** 31))
    const options = { ...task, acknowledgesEarly: this.#acknowledgesEarly }
    const result: ChainResult = await randomChain(
      options,
      seeds,
      this.#place,
      seed,
      () => this.#hasTime,
    )
    this.#kills[task.backend] += result.kills
    this.#killsInRecovery += result.killsInRecovery
    this.#deepest = Math.max(this.#deepest, result.deepest)
    this.#acknowledged += result.acknowledged
    this.#chains += 1
    if (result.violation === undefined) return
    this.#fail(options, result.violation, seed, seeds.slice(0, result.rounds))
  }

  #fail(
    parameters: ChainParameters,
    { oracle, message }: Violation,
    seed: number,
    choices: readonly number[],
  ): void {
    this.#violations.push({ version: 1, layer: 'L4', oracle, message, seed, parameters, choices })
  }

  #counts(): Counts {
    const { io_uring, threads } = this.#kills
    return {
      kills: io_uring + threads,
      'kills (io_uring)': io_uring,
      'kills (threads)': threads,
      'kills in recovery': this.#killsInRecovery,
      'kills in a row in recovery': this.#deepest,
      chains: this.#chains,
      acknowledged: this.#acknowledged,
      'named points': this.#points.size,
      'named points reached': this.#hit.size,
    }
  }

  #result(): LayerResult {
    const kills = this.#kills.io_uring + this.#kills.threads
    const missed = this.#chains === 0 ? 0 : this.#violations.length
    const faults: FaultOutcomes[] = [
      {
        fault: 'SIGKILL at a named point',
        survived: this.#hit.size,
        detected: 0,
        missed: this.#points.size - this.#hit.size,
      },
      {
        fault: 'SIGKILL at a random moment or operation',
        survived: Math.max(0, kills - this.#killsAtPoints - missed),
        detected: 0,
        missed,
      },
    ]
    const minutes = (performance.now() - this.#startedAtMs) / 60_000
    const notes = [
      `${Math.round(kills / minutes)} kills per minute, ${lanes} chains at a time`,
      'SIGKILL takes nothing from the page cache: a missing sync does not show here (L1, L5)',
      'the moments of random kills depend on the machine; a replay tries the same seeds again',
    ]
    if (!this.#backends.includes('io_uring')) notes.push('no io_uring here: threads only')
    return {
      counts: this.#counts(),
      faults,
      violations: this.#violations,
      notes,
      cpuSeconds: this.#cpuSeconds,
    }
  }
}
