import { showDecisive, showMeasured, showNumber, showRatio } from './numbers.ts'
import type { CaseResult, Row } from './row.ts'

const labelWidth = 50

/**
 * The lines of one row: what was measured, what it is held against unless it has a row of its own,
 * and the verdict.
 */
export function showRow(row: Row, hasOwnRow: (label: string) => boolean): string[] {
  const verdict = row.target === undefined ? '    ' : row.target.met ? 'PASS' : 'MISS'
  // Beside a ratio, the spread that counts is the ratio's.
  const measured =
    row.ratio === undefined ? showMeasured(row) : showNumber(row.measured.median, row.unit)
  const columns = [`  ${verdict} ${row.label.padEnd(labelWidth)} ${measured}`]
  if (row.ratio !== undefined) columns.push(showRatio(row))
  if (row.target !== undefined) columns.push(`target ${row.target.text}`)
  const lines = [columns.join('  ')]
  const remarks: string[] = []
  if (row.reference !== undefined && !hasOwnRow(row.reference.label)) {
    const { label, measured: reference } = row.reference
    remarks.push(`${label}: ${showNumber(reference.median, row.unit)}`)
  }
  if (row.note !== undefined) remarks.push(row.note)
  if (remarks.length > 0) lines.push(`         ${remarks.join('; ')}`)
  return lines
}

export function showCase(title: string, result: CaseResult): string {
  const labels = new Set(result.rows.map(({ label }) => label))
  const shown = result.rows.filter(({ isDetail }) => isDetail !== true)
  const rows = shown.flatMap((row) => showRow(row, (label) => labels.has(label)))
  const skipped = (result.skipped ?? []).map((why) => `  skipped ${why}`)
  return [title, ...rows, ...skipped].join('\n')
}

export function showSummary(results: readonly CaseResult[]): string {
  const targets = results.flatMap(({ rows }) => rows).filter(({ target }) => target !== undefined)
  const missed = targets.filter(({ target }) => target?.met === false)
  const lines = [`${targets.length - missed.length} of ${targets.length} targets met`]
  for (const row of missed) {
    lines.push(`  missed: ${row.label.trim()}: ${showDecisive(row)}, target ${row.target?.text}`)
    if (row.target?.because !== undefined) lines.push(`    because ${row.target.because}`)
  }
  return lines.join('\n')
}
