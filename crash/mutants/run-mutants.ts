import { runTask, type TaskOutcome } from '../child/run-task.ts'
import { unitsOf } from '../counts.ts'
import { writeFailure } from '../failure-file.ts'
import type { Counts, Failure } from '../layer.ts'
import type { ControlOutcome, MutantOutcome, MutantRun } from '../outcome.ts'
import { type LayerSource, sourceNamed } from '../registry.ts'
import { inWorkDirectory, type RunContext, whyNot } from '../run-context.ts'
import type { Mutant } from './mutant.ts'
import { control } from './table.ts'

export interface MutantSettings {
  /** CPU seconds of one try, of the next one, ... until the bug is found. */
  readonly budgets: readonly number[]
  /** At the same time. */
  readonly lanes: number
  /** Layers beside those that must find the bug: once, with the first budget. */
  readonly alsoBy: readonly LayerSource[]
  /** Only these layers. */
  readonly layers: readonly LayerSource[]
}

/** An assertion that ended the process has noticed the bug as well as an oracle. */
const assertionOracle = 'assertion'
const hangSeconds = 120

/** `work` for each item, `lanes` at a time; results in the order of the items. */
async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}

/** Runs the layers of the build with all mutants, with none of them switched on. */
export async function runControls(
  settings: MutantSettings,
  context: RunContext,
): Promise<ControlOutcome[]> {
  const budget = settings.budgets[0] ?? 1
  const outcomes = await inLanes(settings.layers, settings.lanes, async (source) => {
    const { outcome } = await runWith(source, control, context.seed, budget, context)
    return controlOutcome(source.name, outcome)
  })
  return outcomes.filter((outcome) => outcome !== undefined)
}

/** Undefined when the machine cannot run the layer: its mutants are not run either. */
function controlOutcome(layer: string, outcome: TaskOutcome): ControlOutcome | undefined {
  if (outcome.kind === 'unavailable') return undefined
  if (outcome.kind !== 'result') return { layer, clean: false, why: whyNot(outcome) }
  const first = outcome.result.violations[0]
  if (first === undefined) return { layer, clean: true }
  return { layer, clean: false, why: `${first.oracle}: ${first.message}` }
}

/** Whether each mutant is found by the layers that must find it. */
export function runMutants(
  mutants: readonly Mutant[],
  settings: MutantSettings,
  context: RunContext,
): Promise<MutantOutcome[]> {
  return inLanes(mutants, settings.lanes, async (mutant) => {
    const runs: MutantRun[] = []
    for (const name of mutant.killedBy) {
      const source = sourceNamed(context.sources, name)
      if (settings.layers.includes(source)) {
        runs.push(await untilKilled(mutant, source, settings.budgets, context))
      } else {
        const why = 'the layer was not asked for, or cannot run on this machine'
        runs.push({ layer: name, verdict: 'not run', isRequired: true, seconds: 0, why })
      }
    }
    for (const source of settings.alsoBy) {
      if (mutant.killedBy.includes(source.name)) continue
      const run = await untilKilled(mutant, source, settings.budgets.slice(0, 1), context)
      runs.push({ ...run, isRequired: false })
    }
    const files = [...new Set(mutant.edits.map(({ file }) => file))]
    return { name: mutant.name, bug: mutant.bug, files, runs }
  })
}

async function untilKilled(
  mutant: Mutant,
  source: LayerSource,
  budgets: readonly number[],
  context: RunContext,
): Promise<MutantRun> {
  const startedAt = performance.now()
  let run: MutantRun | undefined
  for (const [attempt, budget] of budgets.entries()) {
    if (context.signal.aborted) break
    // With another seed each time: what was tried before has found nothing.
    const seed = context.seed + attempt
    const { outcome, counts } = await runWith(source, mutant.name, seed, budget, context)
    const seconds = (performance.now() - startedAt) / 1000
    run = { ...judge(outcome, counts), layer: source.name, isRequired: true, seconds }
    const first = outcome.kind === 'result' ? outcome.result.violations[0] : undefined
    if (first !== undefined) keep(first, mutant, context)
    // A second try would hang or break in the same way.
    if (run.verdict !== 'survived') break
  }
  const interrupted = { verdict: 'not run', why: 'interrupted', seconds: 0 } as const
  return run ?? { ...interrupted, layer: source.name, isRequired: true }
}

type Judged = Omit<MutantRun, 'layer' | 'isRequired' | 'seconds'>

function judge(outcome: TaskOutcome, seen: Counts): Judged {
  if (outcome.kind === 'died' && outcome.signal === 'SIGABRT') {
    const { name, count } = unitsOf(seen)
    const why = outcome.reason
    return { verdict: 'killed', oracle: assertionOracle, units: name, count, why }
  }
  if (outcome.kind === 'unavailable') return { verdict: 'not run', why: outcome.reason }
  if (outcome.kind !== 'result') return { verdict: 'undecided', why: whyNot(outcome) }
  const { violations, counts } = outcome.result
  const { name, count } = unitsOf(counts)
  const first = violations[0]
  if (first === undefined) return { verdict: 'survived', units: name, count }
  return { verdict: 'killed', oracle: first.oracle, units: name, count, why: first.message }
}

async function runWith(
  { name, module }: LayerSource,
  mutant: string,
  seed: number,
  budgetCpuSeconds: number,
  { progress, signal }: RunContext,
): Promise<{ outcome: TaskOutcome; counts: Counts }> {
  const label = `${mutant} (${name})`
  let counts: Counts = {}
  progress.start(label)
  const outcome = await inWorkDirectory((workDirectory) =>
    runTask(
      { kind: 'run', module, seed, budgetCpuSeconds, workDirectory },
      {
        mutant,
        signal,
        silenceSecondsMax: hangSeconds,
        onCounts(now) {
          counts = now
          progress.counts(label, now)
        },
      },
    ),
  )
  progress.end(label)
  return { outcome, counts }
}

/** How it was found, for whoever wants to see it again. */
function keep(failure: Failure, { name }: Mutant, { output }: RunContext): void {
  const parameters = { ...failure.parameters, mutant: name }
  writeFailure(`${output}/mutants`, { ...failure, parameters }, `${name}-${failure.layer}.json`)
}
