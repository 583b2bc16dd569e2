// When is a difference between two runs more than noise? With three rounds on each side, equal
// programs have ranges that do not overlap one time in ten: too often for a report of a hundred
// rows. The conditions below call equal programs different in about 2 % of the rows with three
// rounds, in 2 % with five, and in 0.1 % with seven, as long as the rounds of one run differ as
// much from each other as from those of the other run; the floors are for where they do not.
import type { Spread } from '../measure/spread.ts'

/** From so many rounds on, the middle half of the values says how much they differ. */
const roundsForQuartiles = 5
/** With fewer, nothing is known of the noise. */
const roundsForRange = 3
const quartileFactor = 1.5

/** By how much the greater value must exceed the smaller one, as a share of that. */
export const floors = {
  /** A ratio cancels drift, and a count has none. */
  steady: 0.03,
  /** Times and rates drift with the machine and its drive. */
  drifting: 0.1,
  /** The same with fewer than three rounds: on a busy machine, single rates differ by half. */
  steadyUnknown: 0.3,
  driftingUnknown: 2,
}

function quantile(sorted: readonly number[], share: number): number {
  const index = (sorted.length - 1) * share
  const low = sorted[Math.floor(index)] ?? Number.NaN
  const high = sorted[Math.ceil(index)] ?? Number.NaN
  return low + (high - low) * (index - Math.floor(index))
}

/** The width of the middle half of the values. */
export function middleHalf({ values }: Spread): number {
  const sorted = [...values].sort((a, b) => a - b)
  return quantile(sorted, 0.75) - quantile(sorted, 0.25)
}

/** The same for a change and for its reverse: from 2 to 3, and from 3 to 2, it is 0.5. */
export function sizeOfChange(before: number, after: number): number {
  const [low, high] = [Math.min(before, after), Math.max(before, after)]
  if (low === high) return 0
  return low > 0 ? high / low - 1 : Number.POSITIVE_INFINITY
}

/** How far two ranges are from each other; negative when they overlap. */
export function gapBetween(a: Spread, b: Spread): number {
  return Math.max(b.min - a.max, a.min - b.max)
}

/** Whether the rounds of two runs keep apart more than their spread explains. */
export function isBeyondSpread(before: Spread, after: Spread): boolean {
  const rounds = Math.min(before.values.length, after.values.length)
  const gap = gapBetween(before, after)
  if (rounds < roundsForQuartiles) {
    const wider = Math.max(before.max - before.min, after.max - after.min)
    return gap > wider / 2
  }
  const distance = Math.abs(after.median - before.median)
  return gap > 0 || distance > quartileFactor * (middleHalf(before) + middleHalf(after))
}

/** The least change that counts, as `sizeOfChange` gives it. */
export function floorFor(before: Spread, after: Spread, drifts: boolean): number {
  const rounds = Math.min(before.values.length, after.values.length)
  if (rounds < roundsForRange) return drifts ? floors.driftingUnknown : floors.steadyUnknown
  return drifts ? floors.drifting : floors.steady
}
