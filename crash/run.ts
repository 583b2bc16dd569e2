import { availableParallelism } from 'node:os'

import type { RunSettings } from './command-line.ts'
import { figuresOf } from './figures.ts'
import { type MutantSettings, runControls, runMutants } from './mutants/run-mutants.ts'
import type { ControlOutcome, LayerOutcome, MutantOutcome, RunReport } from './outcome.ts'
import { type LayerSource, sourceNamed } from './registry.ts'
import { describeOrigin } from './report/origin.ts'
import { valueWithoutPlaces } from './report/places.ts'
import type { RunContext } from './run-context.ts'
import { runCorpus } from './run-corpus.ts'
import { runLayer } from './run-layer.ts'
import { problemsOf } from './verdict.ts'

// A mutant is mostly found within moments; one that is not gets more time twice.
const mutantBudgets = [8, 24, 60]

function chosenLayers(settings: RunSettings, sources: readonly LayerSource[]): LayerSource[] {
  if (settings.layers.length > 0) return settings.layers.map((name) => sourceNamed(sources, name))
  return sources.filter(({ onRequest }) => !onRequest)
}

/** Everything that the settings ask for, in order: corpus, layers with canaries, mutants. */
export async function run(settings: RunSettings, context: RunContext): Promise<RunReport> {
  const startedAt = new Date()
  const chosen = chosenLayers(settings, context.sources)
  const corpus =
    settings.mutants === 'only'
      ? []
      : await runCorpus(context, settings.layers.length > 0 ? chosen : [])
  const layers: LayerOutcome[] = []
  if (settings.mutants !== 'only') layers.push(...(await runLayers(chosen, settings, context)))
  const { controls, mutants } =
    settings.mutants === 'no'
      ? { controls: [], mutants: [] }
      : await mutate(settings, available(chosen, layers), context)
  const figures = figuresOf(layers)
  const parts = { corpus, layers, controls, mutants, figures }
  const problems = problemsOf(parts)
  if (context.signal.aborted) problems.unshift('interrupted')
  return valueWithoutPlaces({
    seed: context.seed,
    options: optionsInWords(settings),
    origin: describeOrigin(startedAt),
    ...parts,
    problems,
  })
}

async function runLayers(
  chosen: readonly LayerSource[],
  { budgetCpuSeconds, canaries }: RunSettings,
  context: RunContext,
): Promise<LayerOutcome[]> {
  const layers: LayerOutcome[] = []
  for (const source of chosen) {
    if (context.signal.aborted) break
    const layer = await runLayer(source, { budgetCpuSeconds, canary: canaries }, context)
    layers.push(layer)
    const canary = layer.canary === undefined ? '' : layer.canary.sang ? '' : ', canary SILENT'
    context.progress.say(`${layer.name}: ${layer.status}${canary}`)
  }
  return layers
}

/** Those that this machine can run. */
function available(chosen: readonly LayerSource[], ran: readonly LayerOutcome[]): LayerSource[] {
  const isOut = ({ status }: LayerOutcome): boolean => status === 'skipped'
  const out = new Set(ran.filter(isOut).map(({ name }) => name))
  return chosen.filter(({ name }) => !out.has(name))
}

async function mutate(
  settings: RunSettings,
  layers: readonly LayerSource[],
  context: RunContext,
): Promise<{ controls: ControlOutcome[]; mutants: MutantOutcome[] }> {
  const { mutantNames, isFull } = settings
  const unknown = mutantNames.find((name) => !context.mutants.some((m) => m.name === name))
  if (unknown !== undefined) throw new Error(`there is no mutant ${unknown}`)
  const layerNames = new Set(layers.map(({ name }) => name))
  const chosen = context.mutants.filter(({ name, killedBy }) =>
    mutantNames.length > 0
      ? mutantNames.includes(name)
      : settings.layers.length === 0 || killedBy.some((layer) => layerNames.has(layer)),
  )
  const wanted = new Set(chosen.flatMap(({ killedBy }) => killedBy))
  const mutantSettings: MutantSettings = {
    budgets: mutantBudgets,
    lanes: availableParallelism(),
    layers,
    alsoBy: isFull ? layers : [],
  }
  const used = isFull ? layers : layers.filter(({ name }) => wanted.has(name))
  const controls = await runControls({ ...mutantSettings, layers: used }, context)
  const mutants = await runMutants(chosen, mutantSettings, context)
  return { controls, mutants }
}

function optionsInWords(settings: RunSettings): string {
  const { layers, budgetCpuSeconds, mutants, mutantNames, canaries } = settings
  const parts = [
    layers.length > 0 ? `layers ${layers.join(', ')}` : 'all layers',
    `${budgetCpuSeconds} CPU seconds each`,
    mutants === 'no' ? 'no mutants' : mutants === 'only' ? 'mutants only' : 'mutants',
  ]
  if (mutantNames.length > 0) parts.push(mutantNames.join(', '))
  if (!canaries) parts.push('no canaries')
  return parts.join('; ')
}
