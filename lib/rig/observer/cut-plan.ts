import { RigError } from '../rig-error.ts'
import { mix, SeededRandom } from '../workload/random.ts'

/** When the power is cut. */
export const cutKinds = ['uniform', 'ack', 'flush', 'checkpoint', 'recovery', 'idle'] as const
export type CutKind = (typeof cutKinds)[number]

export interface CutPlan {
  readonly kind: CutKind
  /** Milliseconds of work before the occasion is waited for. */
  readonly workMs: number
  /** Milliseconds from the occasion to the cut. */
  readonly afterMs: number
}

export interface CutRanges {
  readonly kinds: readonly CutKind[]
  readonly minMs: number
  readonly maxMs: number
  /** How long the agent is idle before the cut: one of these. */
  readonly idleMs: readonly number[]
}

const afterOccasionMsMax = 6

/** The cut of a session: a function of the seed and the session's number. */
export function planCut(
  seed: number,
  session: number,
  ranges: CutRanges,
  can: { recover: boolean; checkpoint: boolean },
): CutPlan {
  const random = new SeededRandom(mix(seed, session, 8))
  const kinds = ranges.kinds.filter(
    (kind) => (kind !== 'recovery' || can.recover) && (kind !== 'checkpoint' || can.checkpoint),
  )
  const kind = kinds[random.below(kinds.length)] ?? 'uniform'
  const workMs = ranges.minMs + random.below(ranges.maxMs - ranges.minMs + 1)
  const idleMs = ranges.idleMs[random.below(ranges.idleMs.length)] ?? 0
  const afterMs =
    kind === 'idle' ? idleMs : kind === 'uniform' ? 0 : random.below(afterOccasionMsMax)
  return { kind, workMs, afterMs }
}

/** What `--cuts` takes: a list of kinds. */
export function parseCutKinds(text: string): CutKind[] {
  return text.split(',').map((name) => {
    const kind = cutKinds.find((known) => known === name.trim())
    if (kind === undefined) {
      throw new RigError(`--cuts takes ${cutKinds.join(', ')}; there is no '${name.trim()}'`)
    }
    return kind
  })
}
