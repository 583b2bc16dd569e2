import { directionOf } from '../result/direction.ts'
import { showMeasured, showRatio } from '../result/numbers.ts'
import type { BenchResult } from '../result/result-file.ts'
import type { Row } from '../result/row.ts'
import type { Comparison, Difference } from './compare.ts'

export type Colour = 'red' | 'green' | 'yellow'

/** Puts a text into a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string

const codes: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33 }

export const paintTerminal: Paint = (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`
export const paintNothing: Paint = (_, text) => text

function valueOf(row: Row, compares: Difference['compares']): string {
  if (compares === 'ratio' && row.ratio !== undefined) return showRatio({ ratio: row.ratio })
  return showMeasured(row)
}

/** "+12.5 %", and for percentages "+1.2 points". */
export function showChange({ change, compares, after }: Difference): string {
  if (!Number.isFinite(change)) return 'from 0'
  const sign = change > 0 ? '+' : ''
  const unit = compares === 'measured' && after.unit === '%' ? 'points' : '%'
  return `${sign}${(change * 100).toFixed(1)} ${unit}`
}

function verdictText({ before, after }: Difference): string {
  const [was, is] = [before.target?.met, after.target?.met]
  if (was === undefined || is === undefined || was === is) return ''
  return is ? '; reaches its goal now' : '; misses its goal now'
}

function showDifference(mark: string, difference: Difference): string[] {
  const { name, before, after, compares } = difference
  const what = compares === 'ratio' ? 'ratio, ' : ''
  return [
    `  ${mark} ${showChange(difference).padStart(12)}  ${name}: ${after.label.trim()}`,
    `        ${valueOf(before, compares)} -> ${valueOf(after, compares)}; ` +
      `${what}${directionOf(after)}${verdictText(difference)}`,
  ]
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines]
}

function showRun(which: string, { machine, date, settings }: BenchResult): string {
  const { rounds, seconds } = settings
  return `${which} ${machine.commit}, ${date.slice(0, 16).replace('T', ' ')}, ${rounds} rounds of ${seconds} s`
}

/** The comparison as text: what became worse comes first. */
export function showComparison(
  runs: readonly [before: BenchResult, after: BenchResult],
  comparison: Comparison,
  warnings: readonly string[],
  paint: Paint,
): string {
  const { regressions, improvements, unchanged, incomparable, onlyBefore, onlyAfter } = comparison
  const worse = regressions.flatMap((each) => showDifference(paint('red', 'WORSE '), each))
  const better = improvements.flatMap((each) => showDifference(paint('green', 'better'), each))
  const turned = unchanged.filter((each) => verdictText(each) !== '')
  const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)
  const parts = [
    [showRun('before', runs[0]), showRun('after ', runs[1])],
    warnings.map((text) => `${paint('yellow', 'warning')} ${text}`),
    section(count(regressions.length, 'regression'), worse),
    section(count(improvements.length, 'improvement'), better),
    section(
      'within noise, but on the other side of the goal',
      turned.flatMap((each) => showDifference('      ', each)),
    ),
    section(
      'not comparable (another unit, or no number)',
      incomparable.map(({ name, after }) => `  ${name}: ${after.label.trim()}`),
    ),
    section('only before', indented(onlyBefore)),
    section('only after', indented(onlyAfter)),
    [
      `${count(regressions.length, 'regression')}, ${count(improvements.length, 'improvement')}, ` +
        `${unchanged.length} unchanged`,
    ],
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}
