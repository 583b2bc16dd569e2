// L1: exhaustive in small scope, as far as the budget goes, and a sample of what lies beyond.
import { generator } from '../../test/support/random.ts'
import type { DeviceParameters } from '../../simulation/crashed-disk.ts'
import { type Choices, Odometer } from '../choices.ts'
import { CpuBudget } from '../cpu-budget.ts'
import type { Counts, Failure, Layer, LayerContext, LayerResult } from '../layer.ts'
import {
  crashesMax,
  Explorer,
  type ExplorerCounts,
  type Finding,
  replayFinding,
} from './explorer.ts'
import type { WorkloadBounds } from './operations.ts'
import { prepare, type SmallScope } from './small-run.ts'

const name = 'L1-engine'
const bounds: WorkloadBounds = {
  transactions: 3,
  operationsPerTransaction: 5,
  pages: 2,
  cellsPerPage: 2,
  checkpoints: 2,
}
const honest: DeviceParameters = { sectorBytes: 4096, outcomes: 'whole' }

/** What is varied beside the workload. */
const scopes: readonly SmallScope[] = [
  {
    bounds,
    store: { tornPages: 'doublewrite', consistencyChecks: false },
    device: honest,
    lies: false,
  },
  {
    bounds: { ...bounds, nestedActions: 1 },
    store: { tornPages: 'fullPageImages', consistencyChecks: false },
    device: honest,
    lies: false,
  },
  {
    bounds,
    store: { tornPages: 'doublewrite', consistencyChecks: true },
    device: { ...honest, sectorBytes: 512, outcomes: 'torn' },
    lies: false,
  },
  {
    bounds: { ...bounds, pages: 4, cellsPerPage: 1 },
    store: { tornPages: 'fullPageImages', consistencyChecks: true },
    device: { ...honest, sectorBytes: 512, outcomes: 'torn' },
    lies: false,
  },
]
// What the budget goes to, one after the other, up to which part of it: all workloads by length,
// with one crash; the same with crashes in recovery and in the recovery after that; a sample of
// workloads of any length within the bounds.
const oneCrashUntil = 0.3
const nestedUntil = 0.6
const operationsMax = bounds.transactions * bounds.operationsPerTransaction

class Search {
  readonly #context: LayerContext
  readonly #budget: CpuBudget
  readonly #explorers: Explorer[] = []
  #until = 1
  readonly violations: Failure[] = []

  constructor(context: LayerContext) {
    this.#context = context
    this.#budget = new CpuBudget(context.budgetCpuSeconds)
  }

  get cpuSeconds(): number {
    return this.#budget.usedSeconds
  }

  get counts(): Counts {
    const sum: ExplorerCounts = { states: 0, covered: 0, pruned: 0, nested: 0, workloads: 0 }
    for (const { counts } of this.#explorers) {
      for (const name of Object.keys(sum) as (keyof ExplorerCounts)[]) sum[name] += counts[name]
    }
    return { ...sum }
  }

  /** What follows may go on until that part of the budget is used. */
  until(part: number): this {
    this.#until = part
    return this
  }

  get isOver(): boolean {
    return this.violations.length > 0 || this.#budget.isUsedTo(this.#until)
  }

  async explorer(scope: SmallScope, crashes: number): Promise<Explorer> {
    const isTimeUp = (): boolean => this.#budget.isUsedTo(this.#until)
    const explorer = new Explorer(scope, await prepare(scope), crashes, isTimeUp)
    this.#explorers.push(explorer)
    return explorer
  }

  async workload(explorer: Explorer, choices: Choices, operations: number): Promise<boolean> {
    const found = explorer.findings.length
    const run = await explorer.workload(choices, operations)
    for (const finding of explorer.findings.slice(found)) {
      this.#report(explorer.scope, finding, run.operations)
    }
    this.#context.progress(this.counts)
    return !run.isExhausted
  }

  #report(scope: SmallScope, finding: Finding, operations: readonly string[]): void {
    const { oracle, choices } = finding
    const message = `${finding.message}; after ${operations.join(' ')}`
    const { seed } = this.#context
    const parameters = { scope }
    this.violations.push({ version: 1, layer: name, oracle, message, seed, parameters, choices })
  }
}

/** All workloads of one operation, then of two, ... Returns the last length that was complete. */
async function exhaust(search: Search, crashes: number): Promise<number> {
  const explorers: Explorer[] = []
  for (const scope of scopes) explorers.push(await search.explorer(scope, crashes))
  for (let operations = 1; operations <= operationsMax; operations++) {
    for (const explorer of explorers) {
      const odometer = new Odometer()
      do {
        if (search.isOver) return operations - 1
        await search.workload(explorer, odometer, operations)
      } while (odometer.next())
    }
  }
  return operationsMax
}

// Each sample is a workload and all its beginnings, so that every one of its events is crashed.
async function sample(search: Search, seed: number): Promise<void> {
  const random = generator(seed)
  const explorers: Explorer[] = []
  for (const scope of scopes) explorers.push(await search.explorer(scope, crashesMax))
  while (!search.isOver) {
    const explorer = explorers[random(explorers.length)] as Explorer
    const runSeed = random(2 ** 31)
    const length = 4 + random(operationsMax - 3)
    for (let operations = 1; operations <= length && !search.isOver; operations++) {
      const again = generator(runSeed)
      if (!(await search.workload(explorer, { pick: (count) => again(count) }, operations))) break
    }
  }
}

async function run(context: LayerContext): Promise<LayerResult> {
  const search = new Search(context)
  const completeOneCrash = await exhaust(search.until(oneCrashUntil), 1)
  const completeNested = await exhaust(search.until(nestedUntil), crashesMax)
  await sample(search.until(1), context.seed)
  const { counts, violations, cpuSeconds } = search
  const notes = [
    `complete in ${scopes.length} scopes: all workloads of up to ${completeOneCrash} operations ` +
      `with one crash, of up to ${completeNested} with ${crashesMax} in a row`,
    `longer ones, of up to 3 transactions x 5 operations, are sampled, with ${crashesMax} crashes in a row`,
  ]
  const missed = violations.length
  const survived = (counts.states ?? 0) - missed
  const fault = 'power cut or kill at any event, again in recovery (F1-F5, F9-F11)'
  const faults = [{ fault, survived, detected: 0, missed }]
  const complete = { completeOneCrash, completeNested }
  return { counts: { ...counts, ...complete }, faults, violations, notes, cpuSeconds }
}

async function canary(context: LayerContext): Promise<LayerResult> {
  const search = new Search(context)
  const [first] = scopes as [SmallScope]
  const explorer = await search.explorer({ ...first, lies: true }, crashesMax)
  const odometer = new Odometer()
  do await search.workload(explorer, odometer, 2)
  while (!search.isOver && odometer.next())
  const { counts, violations, cpuSeconds } = search
  return { counts, faults: [], violations, notes: [], cpuSeconds }
}

async function replay(failure: Failure): Promise<Failure | undefined> {
  const { scope } = failure.parameters as { scope: SmallScope }
  const violation = await replayFinding(scope, await prepare(scope), failure.choices)
  return violation === undefined ? undefined : { ...failure, ...violation }
}

export const layer: Layer = {
  name,
  title: 'engine, all small workloads: crash at every device event, in recovery, and again',
  unavailable: () => Promise.resolve(undefined),
  run,
  canary,
  replay,
}
