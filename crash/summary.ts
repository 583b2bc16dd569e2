// The closing table in the terminal. Pure.
import { perCpuMinute, showCount, unitsOf } from './counts.ts'
import type { LayerOutcome, MutantOutcome, RunReport } from './outcome.ts'
import { scoreOf } from './verdict.ts'

type Cells = readonly string[]

/** Columns as wide as they need to be; all but the first two to the right when they are numbers. */
function table(rows: readonly Cells[]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, i) =>
        /^[\d.]/.test(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

export function canaryInWords({ canary }: LayerOutcome): string {
  if (canary === undefined) return '-'
  return canary.sang ? `sang (${canary.oracles.join(', ')})` : 'SILENT'
}

function layerRow(layer: LayerOutcome): Cells {
  const { name, status, result } = layer
  if (result === undefined) return [name, status, '-', '-', '-', '-', '-', '-']
  const units = unitsOf(result.counts)
  const rate = perCpuMinute(units, result.cpuSeconds)
  return [
    name,
    status === 'failed' ? 'FAILED' : status,
    `${showCount(units.count)} ${units.name}`,
    count(result.counts.covered),
    count(result.counts.pruned),
    `${showCount(rate)}/CPU min`,
    `${result.cpuSeconds.toFixed(1)} s`,
    canaryInWords(layer),
  ]
}

function count(value: number | undefined): string {
  return value === undefined ? '-' : showCount(value)
}

function mutantLines(mutants: readonly MutantOutcome[]): string[] {
  if (mutants.length === 0) return []
  const { killed, judged, notRun } = scoreOf(mutants)
  const rest = notRun === 0 ? '' : `; ${notRun} not run, for want of their layers`
  const lines = ['', `${killed} of ${judged} mutants killed${rest}`]
  for (const { name, runs } of mutants) {
    for (const { layer, verdict, isRequired, why } of runs) {
      if (!isRequired || verdict === 'killed' || verdict === 'not run') continue
      lines.push(
        `  ${verdict === 'survived' ? 'SURVIVED' : verdict} ${name} (${layer}) ${why ?? ''}`,
      )
    }
  }
  return lines
}

/** What a run found out, in lines of plain text. */
export function summary(report: RunReport): string[] {
  const { layers, corpus, mutants, figures, problems, seed } = report
  const lines: string[] = []
  if (layers.length > 0) {
    const head = ['layer', 'verdict', 'explored', 'covered', 'pruned', 'rate', 'CPU', 'canary']
    lines.push(...table([head, ...layers.map(layerRow)]))
  }
  for (const { name, why } of layers.filter(({ why }) => why !== undefined)) {
    lines.push(`  ${name}: ${why}`)
  }
  for (const { name, failures } of layers) {
    for (const { oracle, message, file } of failures) {
      lines.push(`  ${name} ${oracle}: ${message}`, `    npm run crash -- replay ${file}`)
    }
  }
  if (corpus.length > 0) {
    const passing = corpus.filter(({ verdict }) => verdict === 'passes').length
    lines.push('', `${passing} of ${corpus.length} fixed failures stay fixed`)
    for (const { name, verdict, why } of corpus) {
      if (verdict !== 'passes') lines.push(`  ${verdict} ${name}: ${why}`)
    }
  }
  lines.push(...mutantLines(mutants))
  for (const { layer, text, measured, met } of figures) {
    lines.push(`${met ? 'PASS' : 'MISS'} ${layer}: ${showCount(measured)} ${text}`)
  }
  lines.push('', problems.length === 0 ? `green, seed ${seed}` : `RED, seed ${seed}`)
  for (const problem of problems) lines.push(`  ${problem}`)
  return lines
}
