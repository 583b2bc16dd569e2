import { runTask } from './child/run-task.ts'
import { type CorpusFile, readCorpus } from './corpus.ts'
import { mutantOf } from './failure-file.ts'
import type { CorpusOutcome } from './outcome.ts'
import { type LayerSource, sourceNamed } from './registry.ts'
import { type RunContext, whyNot } from './run-context.ts'

/** Replays every failure that was ever fixed: of the layers in `only`, of all when it is empty. */
export async function runCorpus(
  context: RunContext,
  only: readonly LayerSource[],
): Promise<CorpusOutcome[]> {
  const files = readCorpus(context.corpusDirectory)
  const outcomes: CorpusOutcome[] = []
  for (const file of files) {
    const { layer } = file.failure
    if (only.length > 0 && !only.some(({ name }) => name === layer)) continue
    context.progress.start(file.name)
    outcomes.push(await replayFile(file, context))
    context.progress.end(file.name)
  }
  return outcomes
}

async function replayFile(
  { name, failure }: CorpusFile,
  { sources, signal }: RunContext,
): Promise<CorpusOutcome> {
  const { layer, oracle, message, fixed } = failure
  const outcome = { name, layer, oracle, message, fixed }
  const source = sourceNamed(sources, layer)
  const task = { kind: 'replay', module: source.module, failure } as const
  const replayed = await runTask(task, { signal, mutant: mutantOf(failure) })
  if (replayed.kind === 'died' && replayed.signal !== undefined)
    return { ...outcome, verdict: 'fails again', why: replayed.reason }
  if (replayed.kind !== 'replayed')
    return { ...outcome, verdict: 'could not run', why: whyNot(replayed) }
  const met = replayed.failure
  if (met === undefined) return { ...outcome, verdict: 'passes' }
  return { ...outcome, verdict: 'fails again', why: `${met.oracle}: ${met.message}` }
}
