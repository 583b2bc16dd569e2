import { Chain, type ChainOptions } from './chain.ts'
import type { Place } from './place.ts'
import { randomRound } from './random-round.ts'
import type { RoundOutcome } from './round.ts'
import type { Violation } from './violation.ts'

export interface ChainResult {
  readonly rounds: number
  readonly kills: number
  /** Of these, before the store was open. */
  readonly killsInRecovery: number
  /** The most kills in a row of which each was in the recovery from the one before it. */
  readonly deepest: number
  readonly acknowledged: number
  readonly violation: Violation | undefined
}

/** Kills process after process in one directory, as the seeds say, until something is wrong. */
export async function randomChain(
  options: ChainOptions,
  roundSeeds: readonly number[],
  { program, pool, workDirectory }: Place,
  contentSeed: number,
  onRound: () => boolean = () => true,
): Promise<ChainResult> {
  const chain = new Chain(options, program, pool, workDirectory, contentSeed)
  let rounds = 0
  let kills = 0
  let killsInRecovery = 0
  let depth = 0
  let deepest = 0
  let outcome: RoundOutcome | undefined
  for (const seed of roundSeeds) {
    outcome = await chain.run(randomRound(options.kind, seed))
    rounds += 1
    const isInRecovery = outcome.wasKilled && outcome.reached === 'nothing'
    if (outcome.wasKilled && outcome.reached !== 'finished') kills += 1
    if (isInRecovery) killsInRecovery += 1
    depth = isInRecovery ? depth + 1 : 0
    deepest = Math.max(deepest, depth)
    if (outcome.violation !== undefined || !onRound()) break
  }
  const violation = outcome?.violation ?? (await chain.check()).violation
  const { acknowledged } = chain
  chain.remove()
  return { rounds, kills, killsInRecovery, deepest, acknowledged, violation }
}
