// Odd, so that the state takes every value before one comes again.
const increment = 0x6d2b79f5

/** Mulberry32 (Ettinger): numbers from 0 to below 1, the same for the same seed. */
function randomFractions(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + increment) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Milliseconds from each arrival to the next one of a Poisson process: arrivals that know nothing
 * of each other, as those of many independent users.
 */
export function poissonGapsMs(perSecond: number, seed: number): () => number {
  const random = randomFractions(seed)
  const meanMs = 1000 / perSecond
  return () => -Math.log(1 - random()) * meanMs
}
