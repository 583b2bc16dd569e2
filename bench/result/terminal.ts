import type { CaseResult, Row, Unit } from './row.ts'
import type { Spread } from '../measure/spread.ts'

const labelWidth = 50

/** A number with as many digits as are worth reading. */
export function showNumber(value: number, unit: Unit): string {
  if (unit === '/s') {
    if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`
    if (value >= 1e5) return `${(value / 1e3).toFixed(0)} k/s`
    return `${(value / 1e3).toFixed(2)} k/s`
  }
  if (unit === 'per commit') return value.toFixed(3)
  if (unit === 'MiB') return `${value.toFixed(1)} MiB`
  return `${value.toFixed(0)} ${unit}`
}

function showRatio({ median, min, max }: Spread): string {
  const digits = median >= 10 ? 1 : 2
  return `${median.toFixed(digits)} x (${min.toFixed(digits)}..${max.toFixed(digits)})`
}

function showMeasured(row: Row): string {
  const { median, min, max, values } = row.measured
  const shown = showNumber(median, row.unit)
  if (values.length < 2 || row.ratio !== undefined) return shown
  return `${shown} (${showNumber(min, row.unit)}..${showNumber(max, row.unit)})`
}

/**
 * The lines of one row: what was measured, what it is held against unless it has a row of its own,
 * and the verdict.
 */
export function showRow(row: Row, hasOwnRow: (label: string) => boolean): string[] {
  const verdict = row.target === undefined ? '    ' : row.target.met ? 'PASS' : 'MISS'
  const columns = [`  ${verdict} ${row.label.padEnd(labelWidth)} ${showMeasured(row)}`]
  if (row.ratio !== undefined) columns.push(showRatio(row.ratio))
  if (row.target !== undefined) columns.push(`target ${row.target.text}`)
  const lines = [columns.join('  ')]
  const remarks: string[] = []
  if (row.reference !== undefined && !hasOwnRow(row.reference.label)) {
    const { label, measured } = row.reference
    remarks.push(`${label}: ${showNumber(measured.median, row.unit)}`)
  }
  if (row.note !== undefined) remarks.push(row.note)
  if (remarks.length > 0) lines.push(`         ${remarks.join('; ')}`)
  return lines
}

export function showCase(title: string, result: CaseResult): string {
  const labels = new Set(result.rows.map(({ label }) => label))
  const rows = result.rows.flatMap((row) => showRow(row, (label) => labels.has(label)))
  const skipped = (result.skipped ?? []).map((why) => `  skipped ${why}`)
  return [title, ...rows, ...skipped].join('\n')
}

export function showSummary(results: readonly CaseResult[]): string {
  const targets = results.flatMap(({ rows }) => rows).filter(({ target }) => target !== undefined)
  const missed = targets.filter(({ target }) => target?.met === false)
  const lines = [`${targets.length - missed.length} of ${targets.length} targets met`]
  for (const { label, target, ratio, measured, unit } of missed) {
    const value = ratio === undefined ? showNumber(measured.median, unit) : showRatio(ratio)
    lines.push(`  missed: ${label}: ${value}, target ${target?.text}`)
  }
  return lines.join('\n')
}
