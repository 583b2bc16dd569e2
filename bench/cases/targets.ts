import type { Row } from '../result/row.ts'
import { ratioOf } from '../measure/spread.ts'

type Target = NonNullable<Row['target']>

/** At least `factor` times the reference; otherwise `because`. */
export function ratioRow(
  row: Omit<Row, 'ratio' | 'target'> & { reference: NonNullable<Row['reference']> },
  factor?: number,
  because?: string,
): Row {
  const ratio = ratioOf(row.measured, row.reference.measured)
  if (factor === undefined) return { ...row, ratio }
  const target: Target = { text: `>= ${factor} x`, met: ratio.median >= factor }
  return { ...row, ratio, target: because === undefined ? target : { ...target, because } }
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
