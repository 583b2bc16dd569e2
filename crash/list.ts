import { runTask } from './child/run-task.ts'
import type { Mutant } from './mutants/mutant.ts'
import type { LayerSource } from './registry.ts'
import { whyNot } from './run-context.ts'

async function aboutLayer(source: LayerSource): Promise<string> {
  const outcome = await runTask({ kind: 'about', module: source.module })
  if (outcome.kind !== 'about') return `broken: ${whyNot(outcome)}`
  const { title, unavailable } = outcome.about
  return unavailable === undefined ? title : `${title} (not on this machine: ${unavailable})`
}

/** The names that `--layer` and `--mutants` take. */
export async function list(
  sources: readonly LayerSource[],
  mutants: readonly Mutant[],
  say: (text: string) => void,
): Promise<void> {
  say('layers')
  for (const source of sources) say(`  ${source.name.padEnd(10)} ${await aboutLayer(source)}`)
  const width = Math.max(...mutants.map(({ name }) => name.length))
  say(`${mutants.length} mutants, and the layers that must find them`)
  for (const { name, killedBy, bug } of mutants) {
    say(`  ${name.padEnd(width)} ${killedBy.join(', ').padEnd(10)} ${bug}`)
  }
}
