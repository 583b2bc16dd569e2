import type { Samples } from '../measure/rounds.ts'
import { type Spread, spreadOf } from '../measure/spread.ts'
import type { Line } from '../result/plot.ts'

/** A numeric detail of one subject over all rounds. */
export function detailsOf(samples: Samples, name: string, detail: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ details }) => Number(details?.[detail])))
}

/** A line of what one subject measured at each `x`; without those that it did not measure. */
export function lineOf(
  label: string,
  role: Line['role'],
  xs: readonly number[],
  measuredAt: (x: number) => Spread,
): Line {
  const points = xs.map((x) => ({ x, y: measuredAt(x) }))
  return { label, role, points: points.filter(({ y }) => Number.isFinite(y.median)) }
}
