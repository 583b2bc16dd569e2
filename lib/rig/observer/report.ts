import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { countVerdicts } from '../judge/verdict.ts'
import { markdownOf } from './markdown.ts'
import type { Cycle, RunState } from './run-state.ts'
import { ackedRecordsOf, isClean, type Summary, summaryOf, whyInvalid } from './summary.ts'

const examplesMax = 20

/** Writes cycles.jsonl, summary.json and summary.md, each of them whole or not at all. */
export async function writeReport(directory: string, state: RunState): Promise<Summary> {
  const summary = summaryOf(state)
  const lines = state.cycles
    .filter(({ proof, judgements }) => proof !== undefined || judgements !== undefined)
    .map((cycle) => `${JSON.stringify(lineOf(cycle, state))}\n`)
  await replace(join(directory, 'cycles.jsonl'), lines.join(''))
  await replace(join(directory, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`)
  await replace(join(directory, 'summary.md'), markdownOf(summary))
  return summary
}

function lineOf(cycle: Cycle, state: RunState): Record<string, unknown> {
  const { session, startedAtMs, lastAtMs, plan, cutBy, proof, cutsInRecovery } = cycle
  return {
    session,
    startedAt: new Date(startedAtMs).toISOString(),
    cutAt: new Date(lastAtMs).toISOString(),
    plan,
    cutBy: cutBy ?? 'nobody',
    label: proof?.label ?? 'unclear',
    why: proof?.why,
    counts: cycle.judgements !== undefined && whyInvalid(cycle) === undefined,
    clean: cycle.judgements === undefined ? undefined : isClean(cycle),
    cutsInRecovery,
    ackedRecords: ackedRecordsOf(cycle),
    probes: cycle.judgements?.map(({ losses, ...judgement }, i) => ({
      kind: state.probes[i]?.hello.kind,
      ...judgement,
      losses: countVerdicts(losses),
      examples: losses.slice(0, examplesMax),
    })),
  }
}

let replacements = 0

async function replace(path: string, text: string): Promise<void> {
  // Two reports may be on their way at once.
  const temporary = `${path}.${++replacements}.new`
  await writeFile(temporary, text)
  await rename(temporary, path)
}
