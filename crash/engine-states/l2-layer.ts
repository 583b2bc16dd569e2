// L2: a swarm of random chains, as many as the budget allows.
import { Random } from '../../test/support/random.ts'
import { CpuBudget } from '../cpu-budget.ts'
import type { Counts, Failure, FaultOutcomes, Layer, LayerContext, LayerResult } from '../layer.ts'
import { runChain, type SwarmLimits, type SwarmOutcome } from './swarm.ts'
import type { FaultMix } from './swarm-plan.ts'

const name = 'L2'
const crashesMax = 50
const unlimited: SwarmLimits = { crashes: crashesMax, transactions: 100, clients: 6 }
const violationsMax = 3

const faultNames: Record<FaultMix, string> = {
  none: 'power cuts and kills in chains, torn and reordered writes (F1-F5, F9-F11)',
  neighbours: 'sectors around an interrupted write are damaged, with padToBlock (F12)',
  errors: 'operations that fail, once or from then on, running or recovering (F6-F8)',
  damage: 'a flipped bit or an unreadable sector in what was promised (F13)',
  misplaced: 'lost and misdirected writes, stale reads (F14)',
  lies: 'flushes that do nothing, a part, or come late (F15)',
}

class Totals {
  readonly #outcomes: SwarmOutcome[] = []

  add(outcome: SwarmOutcome): void {
    this.#outcomes.push(outcome)
  }

  counts(): Counts {
    const sum = (value: (outcome: SwarmOutcome) => number): number =>
      this.#outcomes.reduce((total, outcome) => total + value(outcome), 0)
    return {
      chains: this.#outcomes.length,
      crashes: sum((outcome) => outcome.crashes),
      interruptedRecoveries: sum((outcome) => outcome.interruptedRecoveries),
      states: sum((outcome) => outcome.crashes),
      acknowledged: sum((outcome) => outcome.acknowledged),
    }
  }

  faults(): FaultOutcomes[] {
    return (Object.keys(faultNames) as FaultMix[]).map((mix) => {
      const ofMix = this.#outcomes.filter((outcome) => outcome.mix === mix)
      return {
        fault: faultNames[mix],
        survived: ofMix.reduce((sum, { survived }) => sum + survived, 0),
        detected: ofMix.filter(({ result }) => result === 'detected').length,
        missed: ofMix.filter(({ result }) => result === 'missed').length,
      }
    })
  }
}

async function run(context: LayerContext, mix?: FaultMix): Promise<LayerResult> {
  const budget = new CpuBudget(context.budgetCpuSeconds)
  const random = new Random(context.seed)
  const totals = new Totals()
  const violations: Failure[] = []
  while (!budget.isUsedUp && violations.length < violationsMax) {
    const seed = random.below(2 ** 31)
    const outcome = await runChain(seed, crashesMax, unlimited, mix)
    totals.add(outcome)
    if (outcome.violation !== undefined) violations.push(failureOf(seed, outcome))
    context.progress(totals.counts())
  }
  const notes = [
    'chains with lost writes (F14) and lying flushes (F15) are counted only: one drive alone cannot show them',
  ]
  const { usedSeconds: cpuSeconds } = budget
  return { counts: totals.counts(), faults: totals.faults(), violations, notes, cpuSeconds }
}

function failureOf(seed: number, outcome: SwarmOutcome): Failure {
  const { oracle, message } = outcome.violation ?? { oracle: '', message: '' }
  return {
    version: 1,
    layer: name,
    oracle,
    message,
    seed,
    parameters: { mix: outcome.mix },
    choices: [unlimited.crashes, unlimited.transactions, unlimited.clients],
  }
}

// With every flush a lie, acknowledged transactions must be missed.
async function canary(context: LayerContext): Promise<LayerResult> {
  const result = await run(context, 'lies')
  const missed = result.faults.reduce((sum, fault) => sum + fault.missed, 0)
  if (missed === 0) return result
  const message = `${missed} chains lost what was acknowledged`
  const found: Failure = {
    version: 1,
    layer: name,
    oracle: 'I1',
    message,
    seed: context.seed,
    parameters: { mix: 'lies' },
    choices: [],
  }
  return { ...result, violations: [...result.violations, found] }
}

async function replay(failure: Failure): Promise<Failure | undefined> {
  const [crashes = crashesMax, transactions = 100, clients = 6] = failure.choices
  const { mix } = failure.parameters as { mix: FaultMix }
  const limits = { crashes, transactions, clients: Math.max(clients, 1) }
  const { violation } = await runChain(failure.seed, crashesMax, limits, mix)
  return violation === undefined ? undefined : { ...failure, ...violation }
}

export const layer: Layer = {
  name,
  title: 'engine, random: chains of up to 50 restarts with one mix of faults each',
  unavailable: () => Promise.resolve(undefined),
  run,
  canary,
  replay,
}
