import type { Spread } from '../measure/spread.ts'
import type { Row, Unit } from './row.ts'
import { targetRatio } from './target-ratio.ts'

const ratioDigitsMax = 4

/** About three digits, and never an exponent. */
function threeDigits(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 99.95 || size === 0 ? 0 : size >= 9.995 ? 1 : 2)
}

function showRate(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M/s`
  if (value >= 1e5) return `${(value / 1e3).toFixed(0)} k/s`
  if (value >= 1e3) return `${(value / 1e3).toFixed(2)} k/s`
  return `${threeDigits(value)} /s`
}

function shortNumber(value: number, unit: Unit): string {
  return `${Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** A number with as many digits as are worth reading. */
export function showNumber(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '-'
  switch (unit) {
    case '/s':
      return showRate(value)
    case 'per commit':
      return value.toFixed(3)
    case 'bytes/byte':
      return value.toFixed(2)
    case 'MiB':
    case '%':
      return `${value.toFixed(1)} ${unit}`
    case 's':
    case 's per million':
      return `${threeDigits(value)} ${unit}`
    case 'us':
    case 'ms':
      // The next larger unit says it with fewer digits.
      if (Math.abs(value) >= 9999.5)
        return `${threeDigits(value / 1e3)} ${unit === 'us' ? 'ms' : 's'}`
      return shortNumber(value, unit)
    case 'MB/s':
      return shortNumber(value, unit)
  }
}

function usualDigits(ratio: number): number {
  return Math.abs(ratio) >= 10 ? 1 : 2
}

/** So many that a ratio that just misses its target does not look like it. */
export function ratioDigitsOf({ ratio, target }: Pick<Row, 'ratio' | 'target'>): number {
  const median = ratio?.median ?? 0
  const goal = target?.met === false ? targetRatio(target) : undefined
  let digits = usualDigits(median)
  while (digits < ratioDigitsMax && Number(median.toFixed(digits)) === goal) digits += 1
  return digits
}

export function showRatioNumber(ratio: number, digits = usualDigits(ratio)): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(digits)} x` : '-'
}

/** The least and the greatest value; undefined when there is only one. */
export function showRange({ min, max, values }: Spread, unit: Unit): string | undefined {
  if (values.length < 2) return undefined
  const [low, high] = [showNumber(min, unit), showNumber(max, unit)]
  // What follows the number is said once, when it is the same.
  const [lowSuffix, highSuffix] = [low, high].map((text) => text.replace(/^[^ ]* ?/, ''))
  return `${lowSuffix === highSuffix ? low.split(' ')[0] : low}..${high}`
}

export function showRatioRange(
  { median, min, max, values }: Spread,
  digits = usualDigits(median),
): string | undefined {
  // A number that was none has become null in the file.
  if (values.length < 2 || ![min, max].every(Number.isFinite)) return undefined
  return `${min.toFixed(digits)}..${max.toFixed(digits)}`
}

function withRange(shown: string, range: string | undefined): string {
  return range === undefined ? shown : `${shown} (${range})`
}

export function showMeasured({ measured, unit }: Pick<Row, 'measured' | 'unit'>): string {
  return withRange(showNumber(measured.median, unit), showRange(measured, unit))
}

/** The ratio of a row that has one. */
export function showRatio(row: Pick<Row, 'ratio' | 'target'>): string {
  if (row.ratio === undefined) return '-'
  const digits = ratioDigitsOf(row)
  return withRange(showRatioNumber(row.ratio.median, digits), showRatioRange(row.ratio, digits))
}

/** What the target is about, as far as its text tells: some of them are about the rate itself. */
export function showDecisive(row: Row): string {
  if (row.ratio === undefined) return showMeasured(row)
  const isAboutRatio = row.target === undefined || targetRatio(row.target) !== undefined
  return isAboutRatio ? showRatio(row) : `${showMeasured(row)}, ${showRatio(row)}`
}
