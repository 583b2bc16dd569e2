// L3: an error at every operation of a workload and of the recovery from it.
import type { DiskFault, FaultEffect, OperationKind } from '../../simulation/crashed-disk.ts'
import { CpuBudget } from '../cpu-budget.ts'
import type { Counts, Failure, FaultOutcomes, Layer, LayerContext, LayerResult } from '../layer.ts'
import type { StoreParameters } from './store.ts'
import { Sweep, type SweepOutcome, type SweepPhase } from './sweep.ts'

const name = 'L3'

interface ErrorKind {
  readonly name: string
  readonly effect: FaultEffect
  readonly errno: number
  readonly operations: readonly OperationKind[] | 'all'
}

const changing: readonly OperationKind[] = [
  'write',
  'sync',
  'allocate',
  'rename',
  'remove',
  'syncDirectory',
]
const errorKinds: readonly ErrorKind[] = [
  { name: 'EIO', effect: 'fail', errno: 5, operations: 'all' },
  { name: 'ENODATA', effect: 'fail', errno: 61, operations: 'all' },
  { name: 'ENOSPC', effect: 'fail', errno: 28, operations: changing },
  { name: 'EAGAIN', effect: 'fail', errno: 11, operations: 'all' },
  { name: 'ECANCELED', effect: 'fail', errno: 125, operations: ['read', 'write', 'sync'] },
  { name: 'short write', effect: 'failInPart', errno: 0, operations: ['write'] },
  {
    name: 'EIO, and what was written is gone',
    effect: 'failLosing',
    errno: 5,
    operations: ['sync'],
  },
  { name: 'EIO, done all the same', effect: 'failDone', errno: 5, operations: changing },
]
const allOperations: readonly OperationKind[] = [...changing, 'read', 'open']
const stores: readonly StoreParameters[] = [
  { tornPages: 'doublewrite', consistencyChecks: false, fillsSegment: true },
  { tornPages: 'fullPageImages', consistencyChecks: true },
]
const phases: readonly SweepPhase[] = ['running', 'recovering']
// Part of paths: faults of the log and of the pages are told apart, and everything else.
const paths = ['/wal/', '']
const violationsMax = 3

interface SweepCase {
  readonly store: StoreParameters
  readonly workloadSeed: number
  readonly phase: SweepPhase
  readonly error: string
  readonly fault: DiskFault
}

class Tally {
  readonly violations: Failure[] = []
  readonly #rows = new Map<string, { survived: number; detected: number; missed: number }>()
  cases = 0
  hit = 0

  add(seed: number, { error, phase, ...rest }: SweepCase, outcome: SweepOutcome): void {
    this.cases += 1
    if (outcome.violation !== undefined) {
      const { oracle, message } = outcome.violation
      const parameters = { case: { error, phase, ...rest } }
      this.violations.push({
        version: 1,
        layer: name,
        oracle,
        message,
        seed,
        parameters,
        choices: [],
      })
    }
    if (!outcome.wasHit) return
    this.hit += 1
    const key = `${error}, ${phase}`
    const row = this.#rows.get(key) ?? { survived: 0, detected: 0, missed: 0 }
    if (outcome.violation !== undefined) row.missed += 1
    else if (outcome.wasReported) row.detected += 1
    else row.survived += 1
    this.#rows.set(key, row)
  }

  counts(): Counts {
    return { states: this.cases, cases: this.cases, hit: this.hit }
  }

  faults(): FaultOutcomes[] {
    return [...this.#rows].map(([fault, row]) => ({ fault, ...row }))
  }
}

function errorsOf(operation: OperationKind): ErrorKind[] {
  return errorKinds.filter(
    ({ operations }) => operations === 'all' || operations.includes(operation),
  )
}

/** Every operation of every kind with every error, once and from then on. */
async function* casesOf(store: StoreParameters, workloadSeed: number): AsyncGenerator<SweepCase> {
  const sweep = await Sweep.prepare(store, workloadSeed)
  for (const phase of phases) {
    const counts = await sweep.operations(phase)
    for (const operation of allOperations) {
      for (const path of paths) {
        for (let skip = 0; skip < counts[operation]; skip++) {
          for (const { name: error, effect, errno } of errorsOf(operation)) {
            for (const times of [1, 0]) {
              const fault = { operation, effect, errno, path, skip, times, amount: 512 }
              yield { store, workloadSeed, phase, error, fault }
            }
          }
        }
      }
    }
  }
}

async function run(context: LayerContext): Promise<LayerResult> {
  const budget = new CpuBudget(context.budgetCpuSeconds)
  const tally = new Tally()
  let completeWorkloads = 0
  sweeps: for (let workloadSeed = context.seed; ; workloadSeed++) {
    for (const store of stores) {
      const sweep = await Sweep.prepare(store, workloadSeed)
      for await (const one of casesOf(store, workloadSeed)) {
        if (budget.isUsedUp || tally.violations.length >= violationsMax) break sweeps
        tally.add(context.seed, one, await sweep.run(one.phase, one.fault))
        context.progress(tally.counts())
      }
    }
    completeWorkloads += 1
  }
  const notes = [`${completeWorkloads} workloads were swept completely`]
  const { usedSeconds: cpuSeconds } = budget
  const counts = { ...tally.counts(), completeWorkloads }
  return { counts, faults: tally.faults(), violations: tally.violations, notes, cpuSeconds }
}

// Flushes that report success and do nothing.
async function canary(context: LayerContext): Promise<LayerResult> {
  const budget = new CpuBudget(context.budgetCpuSeconds)
  const tally = new Tally()
  const [store] = stores as [StoreParameters]
  for (let seed = 1; tally.violations.length === 0 && !budget.isUsedUp; seed++) {
    const sweep = await Sweep.prepare(store, seed)
    const fault: DiskFault = { operation: 'sync', effect: 'lose', times: 0 }
    const one: SweepCase = { store, workloadSeed: seed, phase: 'running', error: 'lie', fault }
    tally.add(context.seed, one, await sweep.run('running', fault))
  }
  const { usedSeconds: cpuSeconds } = budget
  return { counts: tally.counts(), faults: [], violations: tally.violations, notes: [], cpuSeconds }
}

async function replay(failure: Failure): Promise<Failure | undefined> {
  const { store, workloadSeed, phase, fault } = (failure.parameters as { case: SweepCase }).case
  const sweep = await Sweep.prepare(store, workloadSeed)
  const { violation } = await sweep.run(phase, fault)
  return violation === undefined ? undefined : { ...failure, ...violation }
}

export const layer: Layer = {
  name,
  title: 'engine, every operation of a workload and of its recovery fails in every way',
  unavailable: () => Promise.resolve(undefined),
  run,
  canary,
  replay,
}
