import { bytesInWords, countInWords, durationInWords, secondsInWords } from './quantities.ts'

const shownAfterMs = 1000
const shownEveryMs = 100
const barColumns = 24
const usualColumns = 80
const clearLine = '\r\x1b[K'

export interface ProgressTerminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What is counted. 'time': milliseconds that were planned, which have no rate. */
export type ProgressUnit = 'bytes' | 'count' | 'time'

/**
 * How far a long job is, on one line of standard error: bar, time left and rate. Nothing is shown
 * for what takes less than a second, nor where nobody looks (no terminal).
 */
export class ProgressBar {
  readonly #what: string
  readonly #unit: ProgressUnit
  readonly #terminal: ProgressTerminal
  readonly #nowMs: () => number
  readonly #startedAtMs: number
  #shownAtMs = 0
  #isShown = false

  constructor(
    what: string,
    unit: ProgressUnit,
    terminal: ProgressTerminal = process.stderr,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#what = what
    this.#unit = unit
    this.#terminal = terminal
    this.#nowMs = nowMs
    this.#startedAtMs = nowMs()
  }

  /** `total` 0: not known. Cheap; call it as often as there is news. */
  at(done: number, total: number): void {
    if (this.#terminal.isTTY !== true) return
    const now = this.#nowMs()
    const elapsedMs = now - this.#startedAtMs
    if (elapsedMs < shownAfterMs || now - this.#shownAtMs < shownEveryMs) return
    this.#shownAtMs = now
    this.#isShown = true
    // A line that wraps could not be rewritten. 0: a terminal that does not know its size.
    const columns = (this.#terminal.columns || usualColumns) - 1
    const line = progressLine(this.#what, this.#unit, done, total, elapsedMs, columns)
    this.#terminal.write(clearLine + line)
  }

  /** Takes the line away, so that what is printed next stands alone. It may go on afterwards. */
  end(): void {
    if (this.#isShown) this.#terminal.write(clearLine)
    this.#isShown = false
  }
}

/**
 * `reading [##########--------------] 45 %, 5 s left; 3.2 GiB of 7.0 GiB, 812 MiB/s` in at most
 * `columns`: with less room first the bar goes, then the amounts.
 */
export function progressLine(
  what: string,
  unit: ProgressUnit,
  done: number,
  total: number,
  elapsedMs: number,
  columns: number,
): string {
  const words = inWords[unit]
  const rate = rateOf(unit, done, elapsedMs)
  const rateWords = unit === 'time' ? '' : `, ${rateInWords(unit, rate * 1000)}`
  const fitting = (lines: readonly string[]): string => {
    const line = lines.find(({ length }) => length <= columns) ?? lines.at(-1) ?? ''
    return line.slice(0, Math.max(0, columns))
  }
  if (total <= 0) return fitting([`${what}: ${words(done)}${rateWords}`, words(done)])
  const part = Math.min(1, done / total)
  const full = Math.round(part * barColumns)
  const bar = '#'.repeat(full) + '-'.repeat(barColumns - full)
  const far = `${Math.floor(part * 100)} %${timeLeft(total - done, rate)}`
  const amounts = `${words(done)} of ${words(total)}${rateWords}`
  return fitting([
    `${what} [${bar}] ${far}; ${amounts}`,
    `${what} ${far}; ${amounts}`,
    `${what} ${far}`,
    far,
  ])
}

const inWords: Readonly<Record<ProgressUnit, (value: number) => string>> = {
  bytes: bytesInWords,
  count: countInWords,
  time: durationInWords,
}

/** For each millisecond. */
function rateOf(unit: ProgressUnit, done: number, elapsedMs: number): number {
  if (unit === 'time') return 1
  return elapsedMs > 0 ? done / elapsedMs : 0
}

function rateInWords(unit: 'bytes' | 'count', perSecond: number): string {
  if (unit === 'bytes') return `${bytesInWords(Math.round(perSecond))}/s`
  if (perSecond >= 10 || perSecond === 0) return `${countInWords(Math.round(perSecond))}/s`
  if (perSecond >= 1) return `${perSecond.toFixed(1)}/s`
  return perSecond >= 1 / 60
    ? `${(perSecond * 60).toFixed(1)}/min`
    : `${(perSecond * 3600).toFixed(1)}/h`
}

function timeLeft(rest: number, rate: number): string {
  if (rest <= 0 || rate <= 0) return ''
  return `, ${secondsInWords(Math.ceil(rest / rate / 1000))} left`
}
