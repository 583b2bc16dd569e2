import type { Failure } from '../layer.ts'
import type { Backend } from './backends.ts'
import type { ChainOptions } from './chain.ts'
import { ProcessPool } from './child-process.ts'
import type { NamedPoint } from './named-point.ts'
import type { Place } from './place.ts'
import { prepareProgram } from './prepared-program.ts'
import { randomChain } from './random-chain.ts'
import { namedPoints, tour } from './tour.ts'
import type { Violation } from './violation.ts'

/** What the failures of this layer have in `parameters`. */
export interface ChainParameters extends Record<string, unknown> {
  readonly kind: 'log' | 'engine'
  readonly backend: Backend
  readonly acknowledgesEarly: boolean
  /** Names of points, to which the choices are indexes; otherwise the choices are seeds of rounds. */
  readonly points?: readonly string[]
}

// The same seeds do the same work and kill at the same places, but threads and drive take their own
// time: with named points nearly the same each time, without less so.
const triesMax = 12

/** Goes through the rounds of the failure, several times if need be. */
export async function repeat(
  failure: Failure,
  workDirectory: string,
): Promise<Failure | undefined> {
  const program = await prepareProgram(workDirectory)
  const pool = new ProcessPool(program.script, 1)
  try {
    for (let tries = 0; tries < triesMax; tries++) {
      const found = await once(failure, { program, pool, workDirectory })
      if (found !== undefined) return { ...failure, ...found }
    }
    return undefined
  } finally {
    await pool.close()
  }
}

async function once(
  { parameters, choices, seed }: Failure,
  place: Place,
): Promise<Violation | undefined> {
  const { points, ...options } = parameters as ChainParameters
  if (points === undefined) {
    const result = await randomChain(options, choices, place, seed)
    return result.violation
  }
  const names = choices.map((choice) => points[choice])
  const chosen = names.flatMap((name) => pointOf(options, name) ?? [])
  const result = await tour(options, chosen, place, seed)
  return result.violations[0]?.violation
}

function pointOf({ kind }: ChainOptions, name: string | undefined): NamedPoint | undefined {
  return namedPoints[kind].find((point) => point.name === name)
}
