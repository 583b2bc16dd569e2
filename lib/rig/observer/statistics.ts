// -ln(0.05): the "rule of three".
const threeExactly = -Math.log(0.05)

/**
 * Upper bound, at 95 % confidence, for the probability that one cut loses something, after `clean`
 * cuts that lost nothing: about 3 / N. 1 when nothing was cut.
 */
export function lossBound95(clean: number): number {
  return clean === 0 ? 1 : Math.min(1, threeExactly / clean)
}

/** Clean cuts that it takes for a bound. */
export function cutsForBound(probability: number): number {
  return Math.ceil(threeExactly / probability)
}

const histogramEdgesMs = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000] as const

/** Counts by time before the cut: `<1 ms`, `<3 ms`, ... */
export function histogramOf(values: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) {
    const edge = histogramEdgesMs.find((limit) => value < limit)
    const name = edge === undefined ? '>=10000 ms' : `<${edge} ms`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
