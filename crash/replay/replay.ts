import { runTask } from '../child/run-task.ts'
import { failureName, mutantOf, readFailure, writeFailure } from '../failure-file.ts'
import { type LayerSource, sourceNamed } from '../registry.ts'
import { whyNot } from '../run-context.ts'
import { shrinkInChild } from '../run-layer.ts'

/** Exit codes of `replay` and `shrink`. */
export const failsNoLonger = 0
export const failsAgain = 1
export const cannotReplay = 2

type Say = (text: string) => void

/** Does what the file says once more. @throws Error when the file cannot be used */
export async function replayFile(
  path: string,
  sources: readonly LayerSource[],
  signal: AbortSignal,
  say: Say,
): Promise<number> {
  const failure = readFailure(path)
  const { module, name } = sourceNamed(sources, failure.layer)
  const mutant = mutantOf(failure)
  const withMutant = mutant === undefined ? '' : `, mutant ${mutant}`
  say(`${name}, seed ${failure.seed}, ${failure.choices.length} choices${withMutant}`)
  const outcome = await runTask({ kind: 'replay', module, failure }, { signal, mutant })
  if (outcome.kind === 'died' && outcome.signal !== undefined) {
    say(`FAILS ${failure.oracle}: ${outcome.reason}`)
    return failsAgain
  }
  if (outcome.kind !== 'replayed') {
    say(`cannot replay: ${whyNot(outcome)}`)
    return cannotReplay
  }
  const met = outcome.failure
  if (met === undefined) {
    say(`${failure.oracle} does not fail any more`)
    return failsNoLonger
  }
  const other = met.oracle === failure.oracle ? '' : ` (the file says ${failure.oracle})`
  say(`FAILS ${met.oracle}${other}: ${met.message}`)
  return failsAgain
}

/** Writes a smaller file beside the others. @throws Error when the file cannot be used */
export async function shrinkFile(
  path: string,
  output: string,
  sources: readonly LayerSource[],
  signal: AbortSignal,
  say: Say,
): Promise<number> {
  const failure = readFailure(path)
  const source = sourceNamed(sources, failure.layer)
  const shrunk = await shrinkInChild(source, failure, signal, mutantOf(failure))
  if (!shrunk.reproduced) {
    say(`${failure.oracle} does not fail any more, or not in the same way`)
    return cannotReplay
  }
  const written = writeFailure(output, shrunk.failure, failureName(shrunk.failure))
  const from = failure.choices.length
  say(`${from} choices became ${shrunk.failure.choices.length}: ${written}`)
  return 0
}
