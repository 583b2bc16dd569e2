import type { Spread } from '../measure/spread.ts'
import { directionOf } from '../result/direction.ts'
import type { BenchResult } from '../result/result-file.ts'
import type { Row, Unit } from '../result/row.ts'
import { floorFor, isBeyondSpread, sizeOfChange } from './noise.ts'

/** A row that both runs have. */
export interface RowPair {
  readonly name: string
  readonly before: Row
  readonly after: Row
}

export interface Difference extends RowPair {
  /** Ratios where both have one. */
  readonly compares: 'ratio' | 'measured'
  /** As a share of the value before; for percentages, the difference in points / 100. */
  readonly change: number
  /** The same whichever of both came first. */
  readonly size: number
  readonly verdict: 'regression' | 'improvement' | 'unchanged'
}

export interface Comparison {
  /** The largest first. */
  readonly regressions: readonly Difference[]
  readonly improvements: readonly Difference[]
  readonly unchanged: readonly Difference[]
  /** Rows that both have and that cannot be compared: another unit, or no number. */
  readonly incomparable: readonly RowPair[]
  /** As "case: label". */
  readonly onlyBefore: readonly string[]
  readonly onlyAfter: readonly string[]
}

/** What the machine does by itself shows in these. */
const driftingUnits: readonly Unit[] = ['/s', 'MB/s', 'us', 'ms', 's', 's per million']
// A share of something: its own share would make an ado about 1 % that becomes 2 %.
const pointFloor = 0.01
// Growth of a process that does not grow: a share of next to nothing says nothing.
const memoryFloorMiB = 2

/** Labels may repeat within a case: the second one is compared with the second one. */
function rowsByKey({ cases }: BenchResult): Map<string, { name: string; row: Row }> {
  const rows = new Map<string, { name: string; row: Row }>()
  for (const [name, { rows: ofCase }] of Object.entries(cases)) {
    for (const row of ofCase) {
      const key = `${name}: ${row.label.trim()}`
      let free = key
      for (let count = 2; rows.has(free); count++) free = `${key} (${count})`
      rows.set(free, { name, row })
    }
  }
  return rows
}

function changeBetween(before: Spread, after: Spread, isPercentage: boolean): number {
  if (isPercentage) return (after.median - before.median) / 100
  if (after.median === before.median) return 0
  return (after.median - before.median) / Math.abs(before.median)
}

/** Undefined when the rows cannot be compared. */
export function differenceOf(pair: RowPair): Difference | undefined {
  const { before, after } = pair
  if (before.unit !== after.unit) return undefined
  const hasRatios = before.ratio !== undefined && after.ratio !== undefined
  const [a, b] = hasRatios ? [before.ratio, after.ratio] : [before.measured, after.measured]
  // JSON has null where there was no number.
  if (![a, b].every(({ median, min, max }) => [median, min, max].every(Number.isFinite))) {
    return undefined
  }
  const isPercentage = !hasRatios && after.unit === '%'
  const change = changeBetween(a, b, isPercentage)
  const drifts = !hasRatios && driftingUnits.includes(after.unit)
  const floor = isPercentage ? pointFloor : floorFor(a, b, drifts)
  const size = isPercentage ? Math.abs(change) : sizeOfChange(a.median, b.median)
  const isNextToNothing =
    !hasRatios && after.unit === 'MiB' && Math.abs(b.median - a.median) < memoryFloorMiB
  const counts = size >= floor && !isNextToNothing && isBeyondSpread(a, b)
  const isBetter = change > 0 === (directionOf(after) === 'higher is better')
  const verdict = !counts ? 'unchanged' : isBetter ? 'improvement' : 'regression'
  return { ...pair, compares: hasRatios ? 'ratio' : 'measured', change, size, verdict }
}

/** Compares the rows of two runs by case and label. */
export function compareResults(before: BenchResult, after: BenchResult): Comparison {
  const [rowsBefore, rowsAfter] = [rowsByKey(before), rowsByKey(after)]
  const differences: Difference[] = []
  const incomparable: RowPair[] = []
  for (const [key, { name, row }] of rowsBefore) {
    const other = rowsAfter.get(key)
    if (other === undefined) continue
    const pair = { name, before: row, after: other.row }
    const difference = differenceOf(pair)
    if (difference === undefined) incomparable.push(pair)
    else differences.push(difference)
  }
  const withVerdict = (verdict: Difference['verdict']): Difference[] =>
    differences
      .filter((difference) => difference.verdict === verdict)
      .sort((a, b) => b.size - a.size)
  const missingIn = (from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>) =>
    [...from.keys()].filter((key) => !to.has(key))
  return {
    regressions: withVerdict('regression'),
    improvements: withVerdict('improvement'),
    unchanged: withVerdict('unchanged'),
    incomparable,
    onlyBefore: missingIn(rowsBefore, rowsAfter),
    onlyAfter: missingIn(rowsAfter, rowsBefore),
  }
}
