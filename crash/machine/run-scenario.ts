import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Random } from '../../test/support/random.ts'
import { deviceDirectory } from '../block-device/leftovers.ts'
import type { Tally } from '../block-device/tally.ts'
import { DiskJudge } from './disk-judge.ts'
import { type MachineOutcome, runMachine } from './emulator.ts'
import { copySparse } from './image-builder.ts'
import { Ledger } from './ledger.ts'
import type { Life } from './life.ts'
import { type DiskFault, type DiskOptions, faultPattern } from './machine-disk.ts'
import { makeDisk } from './make-disk.ts'
import { faultName, planOf, type Scenario, scenarioName } from './scenario.ts'

const secondsMax = 120

export interface ScenarioOptions {
  readonly seed: number
  readonly workDirectory: string
  /** Of each recording. */
  readonly images: number
  /** The kernel never flushes: the canary. */
  readonly writeThrough: boolean
  readonly tally: Tally
}

/** A disk, the machines that use it one after the other, and what is judged of it. */
export class ScenarioRun {
  readonly #scenario: Scenario
  readonly #options: ScenarioOptions
  readonly #random: Random
  readonly #directory: string
  readonly #judge: DiskJudge
  readonly #lives: Life[] = []

  constructor(scenario: Scenario, options: ScenarioOptions) {
    const { seed, workDirectory, tally } = options
    this.#scenario = scenario
    this.#options = options
    this.#random = new Random(seed)
    this.#directory = deviceDirectory(workDirectory)
    this.#judge = new DiskJudge(scenario, this.#directory, seed, tally)
  }

  async run(): Promise<void> {
    const { kind, fileSystem, sectorBytes } = this.#scenario
    mkdirSync(this.#path('mount'), { recursive: true })
    try {
      makeDisk(this.#path('disk'), fileSystem, sectorBytes)
      writeFileSync(this.#path('record'), '')
      if (kind === 'restarted') await this.#live(true, undefined)
      const isRecorded = kind === 'recorded' || kind === 'restarted'
      if (isRecorded) copySparse(this.#path('disk'), this.#path('base'))
      await this.#live(kind === 'killed', isRecorded ? this.#path('record') : undefined)
      if (!isRecorded) await this.#judge.judgeDisk(this.#lives)
      else await this.#judge.crashEverywhere(this.#lives, this.#options.images, this.#random)
    } finally {
      rmSync(this.#directory, { recursive: true, force: true })
    }
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }

  /** Runs a machine to its end, or kills it somewhere on the way. */
  async #live(isKilled: boolean, record: string | undefined): Promise<void> {
    const life = this.#begin()
    const { plan, ledger } = life
    const killAfter = isKilled ? 1 + this.#random.below((plan.clients * plan.amount) / 2) : Infinity
    const outcome = await runMachine({
      plan,
      fileSystem: this.#scenario.fileSystem,
      disk: this.#disk(record),
      writeThrough: this.#options.writeThrough,
      nvmeRetries: this.#scenario.kind === 'fault' ? this.#scenario.nvmeRetries : undefined,
      directory: this.#directory,
      secondsMax,
      onLine: (line, machine) => {
        ledger.take(line, statSync(this.#path('record')).size)
        if (ledger.promises >= killAfter) machine.kill()
      },
    })
    this.#options.tally.add('machines')
    this.#options.tally.add('promises', ledger.promises)
    if (outcome.how === 'killed') this.#options.tally.add('kills')
    this.#check(outcome, life)
  }

  #begin(): Life {
    const [before] = this.#lives
    const plan = planOf(this.#scenario, this.#random)
    // What was fixed when the store was made stays.
    const same = before === undefined ? plan : { ...before.plan, seed: plan.seed }
    const life = { plan: same, ledger: new Ledger() }
    this.#lives.push(life)
    return life
  }

  #disk(record: string | undefined): DiskOptions {
    const scenario = this.#scenario
    const image = this.#path('disk')
    const { sectorBytes } = scenario
    if (scenario.kind === 'fault') {
      return { kind: scenario.disk, sectorBytes, image, record, fault: this.#fault() }
    }
    const kind = scenario.kind === 'killed' ? 'nvme' : 'virtio'
    return { kind, sectorBytes, image, record, fault: undefined }
  }

  #fault(): DiskFault | undefined {
    if (this.#scenario.kind !== 'fault') return undefined
    const { operation, lasting } = this.#scenario
    const from = operation === 'write' ? 40 + this.#random.below(120) : 5 + this.#random.below(25)
    return { operation, lasting, from }
  }

  /** What the machine itself has seen: no error without a fault, and no promise after one. */
  #check({ how, console }: MachineOutcome, { plan, ledger }: Life): void {
    if (how !== 'killed' && !(how === 'ended' && ledger.hasEnded)) {
      const words = console.slice(-2000)
      throw new Error(`${scenarioName(this.#scenario)}: the machine is ${how}: ${words}`)
    }
    const { failure, accepted } = ledger
    const report = (message: string): void => this.#judge.report('I14', message, { plan })
    if (accepted > 0) report(`${accepted} operations were accepted after ${failure}`)
    if (ledger.untyped !== undefined) report(`no error of Seawall: ${ledger.untyped}`)
    if (this.#scenario.kind === 'fault') this.#countFault(faultPattern.test(console), failure)
    else if (failure !== undefined) report(`failed without a fault: ${failure}`)
  }

  #countFault(wasMet: boolean, failure: string | undefined): void {
    if (this.#scenario.kind !== 'fault') return
    const { tally } = this.#options
    if (!wasMet) {
      tally.add('faultsNotMet')
      return
    }
    const isTyped = failure?.startsWith('ERR_SEAWALL_') === true
    const outcome = failure === undefined ? 'survived' : isTyped ? 'detected' : 'missed'
    tally.fault(faultName(this.#scenario), outcome)
    if (isTyped) tally.add(`errno ${failure.split(' ')[1]}`)
  }
}
