// One chain of the swarm: random transactions, a crash, a restart that may be interrupted, and so on
// with what is left.
import { Engine, type EngineOptions, SeawallError } from '../../lib/index.ts'
import { CrashedDisk, type CrashKind } from '../../simulation/crashed-disk.ts'
import { SteppedWorld, steppedBinding } from '../../simulation/stepped-world.ts'
import {
  type Contents,
  difference,
  type PageModel,
  readContents,
} from '../../test/support/page-model.ts'
import { PageWorkload } from '../../test/support/page-workload.ts'
import { Random } from '../../test/support/random.ts'
import { damage } from './damage.ts'
import type { Violation } from './recovery.ts'
import {
  drawError,
  drawLie,
  drawMisplaced,
  drawPlan,
  type FaultMix,
  type SwarmPlan,
} from './swarm-plan.ts'

/** Upper limits for what the seed draws: a failure is made smaller by lowering them. */
export interface SwarmLimits {
  readonly crashes: number
  readonly transactions: number
  readonly clients: number
}

export interface SwarmOutcome {
  readonly mix: FaultMix
  readonly crashes: number
  readonly interruptedRecoveries: number
  readonly acknowledged: number
  /** Crashes after which everything was there. */
  readonly survived: number
  /** What became of the fault: everything is there; a typed error; nobody noticed. */
  readonly result: 'survived' | 'detected' | 'missed'
  readonly violation: Violation | undefined
}

// The store says that something is wrong, which is all that can be asked of it.
class Detected extends Error {}

class Chain {
  readonly #random: Random
  readonly #schedule: Random
  readonly #plan: SwarmPlan
  readonly #limits: SwarmLimits
  #disk: CrashedDisk
  #world: SteppedWorld
  crashes = 0
  interruptedRecoveries = 0
  acknowledged = 0
  survived = 0

  constructor(seed: number, limits: SwarmLimits, plan: SwarmPlan, random: Random) {
    this.#random = random
    this.#schedule = new Random(seed ^ 0x5eed)
    this.#plan = plan
    this.#limits = limits
    this.#disk = CrashedDisk.empty(plan.device)
    this.#world = this.#newWorld()
  }

  async run(): Promise<Violation | undefined> {
    let contents: Contents = new Map()
    let engine = await this.#open()
    const crashes = Math.min(this.#plan.crashes, this.#limits.crashes)
    for (let crash = 0; crash < crashes; crash++) {
      const workload = new PageWorkload(this.#random, contents)
      await this.#use(engine, workload)
      if (workload.mismatch !== undefined) return { oracle: 'I17', message: workload.mismatch }
      this.#crash(this.#random.chance(0.25) ? 'kill' : 'cut')
      if (this.#plan.mix === 'damage') damage(this.#disk, this.#random)
      engine = await this.#reopen()
      const settled = await this.#settle(engine, workload.possibleContents())
      if (!(settled instanceof Map)) return settled
      contents = settled
      this.survived += 1
    }
    await this.#world.run(engine.close())
    return undefined
  }

  end(): void {
    this.#world.abandon()
    this.#disk.forget()
  }

  #newWorld(): SteppedWorld {
    const world = new SteppedWorld(this.#schedule.below(2 ** 31), (count) =>
      this.#schedule.below(count),
    )
    this.#disk.reorder(this.#schedule.below(2 ** 31))
    return world
  }

  #open(): Promise<Engine> {
    const { plan, world } = { plan: this.#plan, world: this.#world }
    const options: EngineOptions = {
      nativeBinding: steppedBinding,
      clock: world.clock,
      pageSize: 4096,
      bufferPoolBytes: plan.bufferPoolPages * 4096,
      segmentBytes: plan.segmentBytes,
      bufferBytes: 256 * 1024,
      maxWalBytes: plan.maxWalBytes,
      maxLogBytes: 16 * 1024 * 1024,
      lockTimeoutMs: 1000,
      writerDelayMs: 1,
      padToBlock: plan.padToBlock,
      consistencyChecks: plan.consistencyChecks,
      tornPages: this.#random.pick(plan.tornPages),
    }
    return world.run(Engine.open(this.#disk.mount(), options))
  }

  async #use(engine: Engine, workload: PageWorkload): Promise<void> {
    const random = this.#random
    const { mix } = this.#plan
    const changes = 1 + random.below(random.chance(0.3) ? 400 : 60)
    if (mix === 'errors' && random.chance(0.5)) this.#disk.fault(drawError(random))
    else if (mix === 'misplaced') this.#disk.fault(drawMisplaced(random))
    else if (mix === 'lies') this.#disk.fault(drawLie(random))
    // What is damaged later must have been promised before.
    if (mix !== 'damage') this.#disk.endPowerAfter(changes)
    const clients = Math.min(1 + random.below(6), this.#limits.clients)
    const transactions = Math.min(10 + random.below(80), this.#limits.transactions)
    await this.#world.run(workload.run(engine, clients, transactions))
    if (mix === 'damage') await this.#world.idle(1000)
    this.acknowledged += workload.acknowledged
  }

  #crash(kind: CrashKind): void {
    const left = this.#disk.crash(kind, this.#random.below(2 ** 31))
    this.#world.abandon()
    this.#disk.forget()
    this.#disk = left
    this.#world = this.#newWorld()
    this.crashes += 1
  }

  /** Sometimes the power ends meanwhile, or something fails, up to three times. */
  async #reopen(): Promise<Engine> {
    const random = this.#random
    const mayFail = this.#plan.mix !== 'damage'
    for (let attempts = mayFail ? random.below(4) : 0; attempts > 0; attempts--) {
      const hasFault = this.#plan.mix === 'errors' && random.chance(0.5)
      if (hasFault) this.#disk.fault(drawError(random))
      else this.#disk.endPowerAfter(1 + random.below(40))
      try {
        const engine = await this.#open()
        if (!this.#disk.isOff && this.#disk.hits === 0) {
          this.#disk.endPowerAfter(0)
          this.#disk.clearFaults()
          return engine
        }
      } catch (error) {
        const mayThrow = this.#disk.isOff || this.#disk.hits > 0 || this.#plan.mix !== 'none'
        if (!mayThrow || !(error instanceof SeawallError)) throw error
        this.interruptedRecoveries += 1
      }
      this.#crash(random.chance(0.25) ? 'kill' : 'cut')
    }
    return this.#detecting(() => this.#open())
  }

  /** One of the states that the store may be in, or what is wrong. */
  async #settle(engine: Engine, possible: PageModel[]): Promise<Contents | Violation> {
    if (engine.recovery.damagedPages.length > 0) throw new Detected('damaged pages')
    const reading = (): Promise<Contents> => this.#world.run(readContents(engine))
    const contents = await this.#detecting(reading)
    const differences = possible.map((model) => difference(contents, model))
    if (differences.includes(undefined)) return contents
    return {
      oracle: 'I4',
      message: `none of ${possible.length} states: ${String(differences.at(0))}`,
    }
  }

  async #detecting<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      if (error instanceof SeawallError && this.#plan.mix !== 'none')
        throw new Detected(error.message)
      throw error
    }
  }
}

// Against these nobody is safe who has only one drive: they are counted, not held against the store.
const undetectable: readonly FaultMix[] = ['misplaced', 'lies']

/** `crashesMax`: so many in a row at most. */
export async function runChain(
  seed: number,
  crashesMax: number,
  limits: SwarmLimits,
  mix?: FaultMix,
): Promise<SwarmOutcome> {
  const random = new Random(seed)
  const plan = drawPlan(random, crashesMax, mix)
  const chain = new Chain(seed, limits, plan, random)
  let violation: Violation | undefined
  let result: SwarmOutcome['result'] = 'survived'
  let detected = ''
  try {
    violation = await chain.run()
    if (violation !== undefined) result = 'missed'
  } catch (error) {
    const isTyped = error instanceof Detected || error instanceof SeawallError
    if (isTyped && plan.mix !== 'none') {
      result = 'detected'
      detected = error.stack ?? error.message
      if (process.env.DEBUG) console.log(error)
    } else
      violation = {
        oracle: 'I13',
        message: error instanceof Error ? (error.stack ?? '') : String(error),
      }
  } finally {
    chain.end()
  }
  // An error that went away with the next start may cost nothing at all.
  if (plan.mix === 'errors' && result === 'detected')
    violation = { oracle: 'I14', message: `lasting harm of an error that has gone: ${detected}` }
  if (result === 'missed' && undetectable.includes(plan.mix)) violation = undefined
  const { crashes, interruptedRecoveries, acknowledged, survived } = chain
  return {
    mix: plan.mix,
    crashes,
    interruptedRecoveries,
    acknowledged,
    survived,
    result,
    violation,
  }
}
