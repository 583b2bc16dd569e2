import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { corpusDirectory } from './corpus.ts'
import type { LayerOutcome, RunReport } from './outcome.ts'
import { Progress } from './progress.ts'
import { layerSources, type LayerSource, sourceNamed } from './registry.ts'
import { runCorpus } from './run-corpus.ts'
import { runLayer } from './run-layer.ts'
import { problemsOf } from './verdict.ts'

export type BudgetedReport = Pick<RunReport, 'corpus' | 'layers' | 'problems'>

/**
 * The part of `npm run crash` that is in `npm test`: the whole corpus, and the layers that are
 * named with their CPU seconds, each with its canary. Speed is not judged, and there are no mutants.
 */
export async function budgetedRun(
  cpuSecondsPerLayer: Readonly<Record<string, number>>,
  seed: number,
  sources: readonly LayerSource[] = layerSources,
  corpus: string = corpusDirectory,
): Promise<BudgetedReport> {
  const output = mkdtempSync(join(tmpdir(), 'seawall-crash-'))
  const context = {
    seed,
    sources,
    mutants: [],
    corpusDirectory: corpus,
    output,
    progress: new Progress({ write: () => {} }),
    signal: new AbortController().signal,
  }
  const replayed = await runCorpus(context, [])
  const layers: LayerOutcome[] = []
  for (const [name, budgetCpuSeconds] of Object.entries(cpuSecondsPerLayer)) {
    const source = sourceNamed(sources, name)
    layers.push(await runLayer(source, { budgetCpuSeconds, canary: true }, context))
  }
  const parts = { corpus: replayed, layers, controls: [], mutants: [], figures: [] }
  const problems = problemsOf(parts)
  // What was found is kept for whoever looks into it.
  if (problems.length === 0) rmSync(output, { recursive: true, force: true })
  return { corpus: replayed, layers, problems }
}
