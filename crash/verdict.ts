// Red or green. Pure.
import type { MutantOutcome, RunReport } from './outcome.ts'

type Parts = Omit<RunReport, 'seed' | 'options' | 'origin' | 'problems'>

/** Every reason why the run is red, as sentences. A slow machine is none: figures are only shown. */
export function problemsOf(parts: Parts): string[] {
  const { corpus, layers, controls, mutants } = parts
  const problems: string[] = []
  for (const { name, verdict, why } of corpus) {
    if (verdict === 'fails again') problems.push(`${name} fails again: ${why}`)
  }
  for (const { name, status, why, result, canary } of layers) {
    if (status === 'failed') problems.push(`${name}: ${violations(result?.violations.length ?? 0)}`)
    if (status === 'broken') problems.push(`${name} came to no end: ${why}`)
    if (canary?.sang === false) {
      problems.push(`${name}: the canary did not sing${canary.why ? ` (${canary.why})` : ''}`)
    }
  }
  for (const { layer, clean, why } of controls) {
    if (!clean) problems.push(`${layer} with no mutant on, in the build of the mutants: ${why}`)
  }
  for (const mutant of mutants) problems.push(...problemsOfMutant(mutant))
  return problems
}

function violations(count: number): string {
  return count === 1 ? '1 violation' : `${count} violations`
}

function problemsOfMutant({ name, runs }: MutantOutcome): string[] {
  return runs
    .filter(({ isRequired, verdict }) => isRequired && verdict !== 'killed')
    .filter(({ verdict }) => verdict !== 'not run')
    .map(({ layer, verdict, why }) =>
      verdict === 'survived'
        ? `mutant ${name} SURVIVED ${layer}`
        : `mutant ${name}: ${layer} cannot tell (${why})`,
    )
}

export interface MutantScore {
  readonly killed: number
  /** Required layers were run for so many. */
  readonly judged: number
  readonly notRun: number
}

/** A mutant is killed when every layer that must find it did. */
export function scoreOf(mutants: readonly MutantOutcome[]): MutantScore {
  let killed = 0
  let judged = 0
  for (const { runs } of mutants) {
    const required = runs.filter(({ isRequired, verdict }) => isRequired && verdict !== 'not run')
    if (required.length === 0) continue
    judged += 1
    if (required.every(({ verdict }) => verdict === 'killed')) killed += 1
  }
  return { killed, judged, notRun: mutants.length - judged }
}
