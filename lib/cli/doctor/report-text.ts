import type { DoctorReport } from '../../doctor/doctor.ts'
import type { Measurement } from '../../doctor/facts.ts'
import type { Finding, Level } from '../../doctor/finding.ts'
import type { Colours } from '../terminal/colour.ts'
import { bytesInWords, countInWords, durationInWords } from '../terminal/quantities.ts'
import { visible } from '../terminal/visible.ts'
import { wrapped } from '../terminal/wrapped.ts'

const marks: Record<Level, string> = {
  good: 'ok',
  note: 'note',
  warning: 'WARNING',
  problem: 'PROBLEM',
}
const markColumns = 9
const indent = 2

/** The report for people, in lines of at most `columns` where words allow. */
export function reportLines(report: DoctorReport, colours: Colours, columns: number): string[] {
  const { directory, groups, facts, conclusion, level } = report
  const paint = paintOf(level, colours)
  const measurements = facts.measured.rows
  return [
    colours.strong(visible(`seawall doctor ${directory}`)),
    ...groups.flatMap(({ heading, findings }) => [
      '',
      colours.strong(heading),
      ...(heading === 'Measured' && measurements.length > 0 ? [...table(measurements), ''] : []),
      ...findings.flatMap((finding) => findingLines(finding, colours, columns)),
    ]),
    '',
    ...wrapped(conclusion, columns).map((line) => paint(line)),
  ]
}

function paintOf(level: Level, colours: Colours): (text: string) => string {
  if (level === 'problem') return colours.bad
  return level === 'warning' ? colours.warning : level === 'good' ? colours.good : colours.name
}

function findingLines(finding: Finding, colours: Colours, columns: number): string[] {
  const { level, sentence, advice } = finding
  const left = indent + markColumns
  const margin = ' '.repeat(left)
  const mark = ' '.repeat(indent) + paintOf(level, colours)(marks[level].padEnd(markColumns))
  const [first = '', ...rest] = wrapped(sentence, columns - left)
  const advised = advice === undefined ? [] : wrapped(`-> ${advice}`, columns - left)
  return [mark + first, ...[...rest, ...advised].map((line) => margin + line)]
}

function table(rows: readonly Measurement[]): string[] {
  const width = Math.max(...rows.map(({ method }) => method.length))
  const cells = (method: string, ...others: string[]): string =>
    '  ' + method.padEnd(width) + others.map((text) => text.padStart(10)).join('')
  return [
    cells('method', 'bytes', 'a second', 'p50', 'p99', 'longest'),
    ...rows.map(({ method, writeBytes, skipped, ...row }) => {
      const size = bytesInWords(writeBytes)
      if (skipped !== '') return `${cells(method, size)}  ${skipped}`
      const times = [row.p50Us, row.p99Us, row.maxUs].map((us) => durationInWords(us / 1000))
      return cells(method, size, countInWords(row.operationsPerSecond), ...times)
    }),
  ]
}
