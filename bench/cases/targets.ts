import type { Row } from '../result/row.ts'
import { ratioOf, type Spread } from '../measure/spread.ts'

type Target = NonNullable<Row['target']>

/** At least `factor` times the reference. */
export function ratioRow(
  row: Omit<Row, 'ratio' | 'target'> & { reference: NonNullable<Row['reference']> },
  factor?: number,
): Row {
  const ratio = ratioOf(row.measured, row.reference.measured)
  if (factor === undefined) return { ...row, ratio }
  const target: Target = { text: `>= ${factor} x`, met: ratio.median >= factor }
  return { ...row, ratio, target }
}

/**
 * `rate` a second, or `factor` times the best peer: whichever is less. Without peers the rate is
 * wanted.
 */
export function rateOrPeerRow(
  row: Omit<Row, 'ratio' | 'target' | 'reference'>,
  rate: number,
  factor: number,
  peers: ReadonlyMap<string, Spread>,
): Row {
  const best = [...peers].sort(([, a], [, b]) => b.median - a.median)[0]
  const goal = Math.min(rate, factor * (best?.[1].median ?? Number.POSITIVE_INFINITY))
  const target: Target = {
    text: `>= min(${rate / 1000} k, ${factor} x peer)`,
    met: row.measured.median >= goal,
  }
  if (best === undefined) return { ...row, target }
  const [label, measured] = best
  return { ...row, reference: { label, measured }, ratio: ratioOf(row.measured, measured), target }
}

/** At least, or at most, a fixed value. */
export function limitRow(
  row: Omit<Row, 'target'>,
  sign: '>=' | '<=',
  limit: number,
  text: string,
): Row {
  const { median } = row.measured
  return {
    ...row,
    target: { text: `${sign} ${text}`, met: sign === '>=' ? median >= limit : median <= limit },
  }
}
