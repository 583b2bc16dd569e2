/** Several measurements of one thing. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly values: readonly number[]
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
    values: [...values],
  }
}

/** `a / b`, round by round: what drifts during a run drifts in both. */
export function ratioOf(a: Spread, b: Spread): Spread {
  return spreadOf(a.values.map((value, round) => value / (b.values[round] ?? Number.NaN)))
}
