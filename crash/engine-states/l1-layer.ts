// L1: exhaustive in small scope, as far as the budget goes, and a sample of what lies beyond.
import { generator } from '../../test/support/random.ts'
import type { DeviceParameters } from '../../simulation/crashed-disk.ts'
import { type Choices, Odometer } from '../choices.ts'
import { CpuBudget } from '../cpu-budget.ts'
import type { Counts, Failure, Layer, LayerContext, LayerResult } from '../layer.ts'
import { Explorer, type ExplorerCounts, type Finding, replayFinding } from './explorer.ts'
import { prepare, type SmallScope } from './small-run.ts'

const name = 'L1-engine'
const bounds = {
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
    bounds,
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
// So much of the budget goes to workloads that are sampled, of any length within the bounds.
const sampledPart = 0.4
const operationsMax = bounds.transactions * bounds.operationsPerTransaction

class Search {
  readonly #context: LayerContext
  readonly #budget: CpuBudget
  readonly #explorers = new Map<SmallScope, Explorer>()
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
    for (const { counts } of this.#explorers.values()) {
      for (const name of Object.keys(sum) as (keyof ExplorerCounts)[]) sum[name] += counts[name]
    }
    return { ...sum }
  }

  isOver(part: number): boolean {
    const hasEnough = [...this.#explorers.values()].some((explorer) => explorer.isOver())
    return hasEnough || this.#budget.isUsedTo(part)
  }

  async workload(scope: SmallScope, choices: Choices, operations: number): Promise<boolean> {
    const explorer = await this.#explorerOf(scope)
    const found = explorer.findings.length
    const run = await explorer.workload(choices, operations)
    for (const finding of explorer.findings.slice(found))
      this.#report(scope, finding, run.operations)
    this.#context.progress(this.counts)
    return !run.isExhausted
  }

  async #explorerOf(scope: SmallScope): Promise<Explorer> {
    let explorer = this.#explorers.get(scope)
    if (explorer === undefined) {
      explorer = new Explorer(scope, await prepare(scope))
      this.#explorers.set(scope, explorer)
    }
    return explorer
  }

  #report(scope: SmallScope, finding: Finding, operations: readonly string[]): void {
    const message = `${finding.message}; after ${operations.join(' ')}`
    this.violations.push(this.#failure(scope, finding.choices, finding.oracle, message))
  }

  #failure(
    scope: SmallScope,
    choices: readonly number[],
    oracle: string,
    message: string,
  ): Failure {
    const { seed } = this.#context
    return { version: 1, layer: name, oracle, message, seed, parameters: { scope }, choices }
  }
}

/** All workloads of one operation, then of two, ... Returns the last length that was complete. */
async function exhaust(search: Search): Promise<number> {
  for (let operations = 1; operations <= operationsMax; operations++) {
    for (const scope of scopes) {
      const odometer = new Odometer()
      do {
        if (search.isOver(1 - sampledPart)) return operations - 1
        await search.workload(scope, odometer, operations)
      } while (odometer.next())
    }
  }
  return operationsMax
}

// Each sample is a workload and all its beginnings, so that every one of its events is crashed.
async function sample(search: Search, seed: number): Promise<void> {
  const random = generator(seed)
  while (!search.isOver(1)) {
    const scope = scopes[random(scopes.length)] as SmallScope
    const runSeed = random(2 ** 31)
    const length = 4 + random(operationsMax - 3)
    for (let operations = 1; operations <= length && !search.isOver(1); operations++) {
      const again = generator(runSeed)
      if (!(await search.workload(scope, { pick: (count) => again(count) }, operations))) break
    }
  }
}

async function run(context: LayerContext): Promise<LayerResult> {
  const search = new Search(context)
  const complete = await exhaust(search)
  await sample(search, context.seed)
  const { counts, violations, cpuSeconds } = search
  const notes = [
    `all workloads of up to ${complete} operations in ${scopes.length} scopes; longer ones, of up to 3 transactions x 5 operations, are sampled (seed ${context.seed})`,
  ]
  const survived = { fault: 'power cut or kill at any event (F1-F4, F9-F11)', detected: 0 }
  const faults = [
    { ...survived, survived: (counts.states ?? 0) - violations.length, missed: violations.length },
  ]
  return {
    counts: { ...counts, completeOperations: complete },
    faults,
    violations,
    notes,
    cpuSeconds,
  }
}

// A device whose flushes do nothing.
async function canary(context: LayerContext): Promise<LayerResult> {
  const search = new Search(context)
  const [first] = scopes as [SmallScope]
  const scope = { ...first, lies: true }
  const odometer = new Odometer()
  do await search.workload(scope, odometer, 2)
  while (!search.isOver(1) && odometer.next())
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
