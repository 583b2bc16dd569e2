import type { Bucket } from './latency-histogram.ts'

/**
 * How long an event waits for its turn when it comes at a random moment, given how long the turns
 * of the event loop took: the share of events that wait longer than `us`. It hits a turn with a
 * probability in proportion to that turn's length, and waits for the rest of it; so a hundred short
 * turns do not make one long turn look rare.
 */
export function shareWaitingLonger(turns: readonly Bucket[], us: number): number {
  let waiting = 0
  let total = 0
  for (const [length, count] of turns) {
    waiting += count * Math.max(0, length - us)
    total += count * length
  }
  return waiting / total
}

/** The wait that `percent` of such events do not exceed. */
export function waitPercentile(turns: readonly Bucket[], percent: number): number {
  const longest = turns.at(-1)?.[0] ?? Number.NaN
  let low = 0
  let high = longest
  // The share falls steadily from 1 at 0 to 0 at the longest turn.
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2
    if (shareWaitingLonger(turns, middle) > 1 - percent / 100) low = middle
    else high = middle
  }
  return high
}
