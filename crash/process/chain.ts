import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { ProcessPool } from './child-process.ts'
import { type Judge, LogJudge, StoreJudge } from './judge.ts'
import type { PreparedProgram } from './prepared-program.ts'
import type { Command, KillPoint } from './protocol.ts'
import { type KillTime, type RoundOutcome, runRound } from './round.ts'
import { type Violation, violation } from './violation.ts'

/** What the store under test is. Stays the same for all rounds of a chain. */
export interface ChainOptions {
  readonly kind: 'log' | 'engine'
  readonly backend: 'io_uring' | 'threads'
  readonly acknowledgesEarly: boolean
}

/** One life of the process. */
export interface Round {
  readonly seed: number
  readonly clients: number
  readonly steps: number
  readonly ending: 'close' | 'wait'
  readonly kill: KillTime | undefined
  readonly point: KillPoint | undefined
  /** Beside those that the chain fixes. */
  readonly options: Record<string, unknown>
}

// Numbers of records and transactions that a round may use.
const indexesPerRound = 100_000
// Fixed when a store is created.
const fixedOptions = {
  log: { segmentBytes: 64 * 1024, maxLogBytes: 2 * 1024 * 1024 },
  engine: { segmentBytes: 256 * 1024, maxLogBytes: 4 * 1024 * 1024, pageSize: 4096 },
}

/** One directory, and the processes that open it one after the other. */
export class Chain {
  readonly directory: string
  readonly #options: ChainOptions
  readonly #program: PreparedProgram
  readonly #pool: ProcessPool
  readonly #judge: Judge
  readonly #contentSeed: number
  #rounds = 0

  constructor(
    options: ChainOptions,
    program: PreparedProgram,
    pool: ProcessPool,
    workDirectory: string,
    contentSeed: number,
  ) {
    this.#options = options
    this.#program = program
    this.#pool = pool
    this.#contentSeed = contentSeed
    this.#judge = options.kind === 'log' ? new LogJudge(contentSeed) : new StoreJudge()
    this.directory = mkdtempSync(join(workDirectory, `${options.kind}-`))
  }

  get acknowledged(): number {
    return this.#judge.acknowledged
  }

  async run(round: Round): Promise<RoundOutcome> {
    const outcome = await runRound(
      this.#pool.take(),
      this.#commandOf(round),
      round.kill,
      this.#judge,
    )
    this.#rounds += 1
    if (outcome.violation !== undefined || outcome.reached !== 'closed') return outcome
    return { ...outcome, violation: this.#leftovers() }
  }

  /** A last round that is not killed. */
  check(): Promise<RoundOutcome> {
    return this.run({
      seed: 1,
      clients: 1,
      steps: 10,
      ending: 'close',
      kill: undefined,
      point: undefined,
      options: {},
    })
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  #commandOf({ seed, clients, steps, ending, point, options }: Round): Command {
    const { kind, backend, acknowledgesEarly } = this.#options
    const common = {
      directory: join(this.directory, 'store'),
      nativeBinding: point === undefined ? this.#program.addon : this.#program.killingAddon,
      seed,
      clients,
      firstIndex: this.#rounds * indexesPerRound,
      steps: Math.min(steps, indexesPerRound),
      ending,
      point,
      acknowledgesEarly,
    }
    const all = { ...fixedOptions[kind], ...options, backend }
    if (kind === 'engine') return { ...common, kind, options: all }
    return { ...common, kind, options: all, contentSeed: this.#contentSeed }
  }

  // Names that are there for a moment only.
  #leftovers(): Violation | undefined {
    const names = readdirSync(this.directory, { recursive: true, encoding: 'utf8' })
    const left = names.filter((name) => name.endsWith('.tmp'))
    return left.length === 0
      ? undefined
      : violation('I18', `after it was closed there is ${left.join(', ')}`)
  }
}
