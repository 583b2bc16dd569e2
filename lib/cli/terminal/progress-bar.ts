import { bytesInWords, countInWords, durationInWords } from './quantities.ts'

const shownAfterMs = 1000
const shownEveryMs = 100
const barColumns = 24
const clearLine = '\r\x1b[K'

export interface ProgressTerminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * How far a long job is, on one line of standard error: bar, rate and time left. Nothing is shown
 * for what takes less than a second, nor where nobody looks (no terminal).
 */
export class ProgressBar {
  readonly #what: string
  readonly #unit: 'bytes' | 'count'
  readonly #terminal: ProgressTerminal
  readonly #nowMs: () => number
  readonly #startedAtMs: number
  #shownAtMs = 0
  #isShown = false

  constructor(
    what: string,
    unit: 'bytes' | 'count',
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
    const line = progressLine(this.#what, this.#unit, done, total, elapsedMs)
    this.#terminal.write(clearLine + line.slice(0, (this.#terminal.columns ?? 80) - 1))
  }

  /** Takes the line away, so that what is printed next stands alone. */
  end(): void {
    if (this.#isShown) this.#terminal.write(clearLine)
    this.#isShown = false
  }
}

/** `scanning [########----] 45 %  3.2 GiB of 7.0 GiB, 812 MiB/s, 4.7 s left` */
export function progressLine(
  what: string,
  unit: 'bytes' | 'count',
  done: number,
  total: number,
  elapsedMs: number,
): string {
  const words = unit === 'bytes' ? bytesInWords : countInWords
  const perSecond = Math.round(done / (elapsedMs / 1000))
  const rate = `${words(perSecond)}/s`
  if (total <= 0) return `${what} ${words(done)}, ${rate}`
  const part = Math.min(1, done / total)
  const full = Math.round(part * barColumns)
  const bar = '#'.repeat(full) + '-'.repeat(barColumns - full)
  const left =
    perSecond === 0 ? '' : `, ${durationInWords(((total - done) / perSecond) * 1000)} left`
  return `${what} [${bar}] ${Math.floor(part * 100)} %  ${words(done)} of ${words(total)}, ${rate}${left}`
}
