import { Random } from '../../test/support/random.ts'
import type { LayerContext, LayerResult } from '../layer.ts'
import { BlockDevice, type DeviceOptions } from './block-device.ts'
import { CpuClock } from './cpu-clock.ts'
import { CrashSession, type SessionPlan } from './crash-session.ts'
import { failInRecovery, failInUse, type FaultContext, shutDownInUse } from './device-faults.ts'
import { engineSubject } from './engine-subject.ts'
import { logSubject } from './log-subject.ts'
import { BrokenPromise, type Subject } from './subject.ts'
import { Tally } from './tally.ts'

/** A way of making the device one that loses data. */
export interface Lie {
  readonly name: string
  tell(device: BlockDevice): Promise<void>
}

interface Combination {
  readonly device: DeviceOptions
  readonly subject: Subject<any, any, any>
}

const xfs512 = { fileSystem: 'xfs', sectorBytes: 512 } as const
const xfs4096 = { fileSystem: 'xfs', sectorBytes: 4096 } as const
const ext4512 = { fileSystem: 'ext4', sectorBytes: 512 } as const
const ext44096 = { fileSystem: 'ext4', sectorBytes: 4096 } as const

// Whatever the budget, the first ones see both file systems and both subjects.
const combinations: readonly Combination[] = [
  { device: xfs512, subject: engineSubject },
  { device: ext44096, subject: logSubject },
  { device: ext4512, subject: engineSubject },
  { device: xfs4096, subject: logSubject },
  { device: ext44096, subject: engineSubject },
  { device: xfs512, subject: logSubject },
  { device: xfs4096, subject: engineSubject },
  { device: ext4512, subject: logSubject },
]
const imagesPerSession = 60
// Many, because a session with a lie ends when it is found out.
const imagesPerLie = 30
const violationsPerLie = 3
const faultsPerSession = 10
const progressMs = 500

/** Sessions on all combinations in turn until the budget is used. */
export class LayerRun {
  readonly tally = new Tally()
  readonly #context: LayerContext
  readonly #clock = new CpuClock()
  readonly #random: Random
  #reportedMs = 0

  constructor(context: LayerContext) {
    this.#context = context
    this.#random = new Random(context.seed)
  }

  get isOver(): boolean {
    this.#reportProgress()
    return this.#clock.seconds > this.#context.budgetCpuSeconds
  }

  async honestSessions(): Promise<void> {
    for (let at = 0; !this.isOver; at++) {
      await this.#session(combinations[at % combinations.length] as Combination, undefined)
    }
  }

  /** Until it lost something on each file system, at most once through all combinations. */
  async lyingSessions(lie: Lie): Promise<boolean> {
    const hasLost = new Set<string>()
    for (const combination of combinations) {
      const { fileSystem } = combination.device
      if (hasLost.has(fileSystem)) continue
      const before = this.tally.get('violations')
      await this.#session(combination, lie)
      if (this.tally.get('violations') > before) hasLost.add(fileSystem)
    }
    return hasLost.size === 2
  }

  result(notes: readonly string[]): LayerResult {
    const { counts, faults, violations, notes: seen } = this.tally
    const { seconds: cpuSeconds } = this.#clock
    return { counts, faults, violations, notes: [...notes, ...seen], cpuSeconds }
  }

  async #session({ device: options, subject }: Combination, lie: Lie | undefined): Promise<void> {
    const { workDirectory } = this.#context
    const seed = this.#random.below(2 ** 31)
    const violations = this.tally.get('violations')
    const device = await BlockDevice.open(workDirectory, options)
    try {
      const random = new Random(seed)
      const plan: SessionPlan = {
        seed,
        images: lie === undefined ? imagesPerSession : imagesPerLie,
        amount: lie === undefined ? 40 + random.below(200) : 40,
        againOf1: lie === undefined ? 0.25 : 0,
        workDirectory,
        fault: lie?.name ?? 'power cut',
        isOver: () => (lie === undefined ? this.isOver : this.#isFoundOut(violations)),
      }
      const session = new CrashSession(device, subject, random, plan, this.tally)
      await session.create()
      await lie?.tell(device)
      await this.#sampled(device, async () => session.crashEverywhere(await session.work()))
      if (lie !== undefined) return
      await this.#faults({ device, session, random, tally: this.tally })
      this.tally.add('sessions')
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error
      this.#brokenInUse(error, seed, options, subject.name)
    } finally {
      await device.close()
      await this.#clock.sample(undefined)
    }
  }

  // Whatever the budget says: a canary that was stopped too early would count as silent.
  #isFoundOut(violationsBefore: number): boolean {
    this.#reportProgress()
    return this.tally.get('violations') >= violationsBefore + violationsPerLie
  }

  #reportProgress(): void {
    const now = performance.now()
    if (now - this.#reportedMs < progressMs) return
    this.#reportedMs = now
    this.#context.progress(this.tally.counts)
  }

  async #faults<O, F, A>(context: FaultContext<O, F, A>): Promise<void> {
    const { device, random } = context
    let isGood = true
    for (let at = 0; isGood && at < faultsPerSession && !this.isOver; at++) {
      const fault = random.pick([
        failInUse,
        failInUse,
        failInRecovery,
        failInRecovery,
        shutDownInUse,
      ])
      await this.#sampled(device, async () => {
        isGood = await fault(context)
      })
    }
  }

  async #sampled(device: BlockDevice, work: () => Promise<void>): Promise<void> {
    await work()
    await this.#clock.sample(device)
  }

  // There is no image of it: it was seen before anything was crashed.
  #brokenInUse(error: BrokenPromise, seed: number, device: DeviceOptions, subject: string): void {
    const { oracle, message } = error
    const parameters = { device, subject }
    this.tally.violation({
      version: 1,
      layer: 'L5',
      oracle,
      message,
      seed,
      parameters,
      choices: [],
    })
  }
}
