const barWidth = 16
const redrawnEveryMs = 100
// What has hardly begun says nothing about its end.
const estimatedFromMs = 1000

/** `45 s`, `3 min 20 s`. */
function inWords(seconds: number): string {
  const whole = Math.ceil(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** `[######....]  60 %, 12 s left; TEXT`: the most important first, a terminal may be narrow. */
export function progressLine(fraction: number, text: string, leftMs: number | undefined): string {
  const part = Math.min(1, Math.max(0, fraction))
  const percent = `${Math.floor(part * 100)}`.padStart(3)
  const filled = Math.round(part * barWidth)
  const bar = `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}`
  const left = leftMs === undefined ? '' : `, ${inWords(leftMs / 1000)} left`
  return `  [${bar}] ${percent} %${left}; ${text}`
}

/** One line of standard error that is rewritten on a terminal; nothing elsewhere. */
export class ProgressView {
  readonly #terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>
  #isOpen = false
  #began: { readonly atMs: number; readonly fraction: number } | undefined
  #lastFraction = 0
  #shownAtMs = 0

  constructor(terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr) {
    this.#terminal = terminal
  }

  /** What is left is estimated from how fast `fraction` has grown since the first call. */
  show(fraction: number, text: string): void {
    if (!this.#terminal.isTTY) return
    const nowMs = performance.now()
    // Less than before: something else has begun.
    if (this.#began === undefined || fraction < this.#lastFraction) {
      this.#began = { atMs: nowMs, fraction }
    }
    this.#lastFraction = fraction
    if (nowMs - this.#shownAtMs < redrawnEveryMs) return
    this.#shownAtMs = nowMs
    const elapsedMs = nowMs - this.#began.atMs
    const done = fraction - this.#began.fraction
    const isKnown = elapsedMs >= estimatedFromMs && done > 0
    const leftMs = isKnown ? (elapsedMs * Math.max(0, 1 - fraction)) / done : undefined
    const line = progressLine(fraction, text, leftMs)
    // A line that wraps could not be rewritten.
    this.#terminal.write(`\r${line.slice(0, (this.#terminal.columns || 80) - 1)}\u001b[K`)
    this.#isOpen = true
  }

  /** Takes the line away, so that other output can take its place. */
  clear(): void {
    if (this.#isOpen) this.#terminal.write('\r\u001b[K')
    this.#isOpen = false
  }

  /** The next thing that is shown is another one. */
  end(): void {
    this.clear()
    this.#began = undefined
    this.#shownAtMs = 0
  }
}
