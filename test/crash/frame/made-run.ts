import { temporaryDirectory } from '../../support/temporary-directory.ts'
import type { RunSettings } from '../../../crash/command-line.ts'
import type { Mutant } from '../../../crash/mutants/mutant.ts'
import { Progress } from '../../../crash/progress.ts'
import type { LayerSource } from '../../../crash/registry.ts'
import type { RunContext } from '../../../crash/run-context.ts'

/** The layers of the folder layers/ by name. */
export function sourcesOf(...names: string[]): LayerSource[] {
  return names.map((name) => ({
    name,
    module: new URL(`layers/${name}.ts`, import.meta.url).href,
    onRequest: false,
  }))
}

export function settingsWith(changes: Partial<RunSettings>): RunSettings {
  return {
    command: 'run',
    layers: [],
    seed: 7,
    budgetCpuSeconds: 1,
    isFull: false,
    mutants: 'no',
    mutantNames: [],
    canaries: true,
    output: '',
    ...changes,
  }
}

/** With a corpus and an output folder of its own, and what was said on the terminal. */
export function contextWith(
  sources: readonly LayerSource[],
  mutants: readonly Mutant[] = [],
): RunContext & { readonly said: string[] } {
  const said: string[] = []
  return {
    seed: 7,
    sources,
    mutants,
    corpusDirectory: temporaryDirectory(),
    output: temporaryDirectory(),
    progress: new Progress({ write: (text) => said.push(text) }),
    signal: new AbortController().signal,
    said,
  }
}
