import { showCount, unitsOf } from './counts.ts'
import type { Counts } from './layer.ts'

const redrawMs = 200
// Where no line can be redrawn, a run of hours still shows that it is alive.
const sayEveryMs = 60_000

export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What is going on: a line that is redrawn on a terminal, now and then a line elsewhere. */
export class Progress {
  readonly #terminal: Terminal
  readonly #running = new Map<string, { startedAt: number; counts: Counts }>()
  #drawnAt = 0
  #isDrawn = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  start(label: string): void {
    this.#running.set(label, { startedAt: performance.now(), counts: {} })
    this.#redraw(true)
  }

  counts(label: string, counts: Counts): void {
    const part = this.#running.get(label)
    if (part === undefined) return
    part.counts = counts
    this.#redraw(false)
  }

  end(label: string): void {
    this.#running.delete(label)
    this.#redraw(true)
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear()
    this.#terminal.write(`${text}\n`)
  }

  #redraw(now: boolean): void {
    const isTTY = this.#terminal.isTTY === true
    const due = this.#drawnAt + (isTTY ? redrawMs : sayEveryMs)
    if (performance.now() < due && !(isTTY && now)) return
    // The first time is no news elsewhere.
    const isFirst = this.#drawnAt === 0
    this.#drawnAt = performance.now()
    const line = [...this.#running].map(([label, part]) => partInWords(label, part)).join(' | ')
    if (!isTTY) {
      if (!isFirst && line !== '') this.#terminal.write(`  ... ${line}\n`)
      return
    }
    this.#clear()
    if (line === '') return
    this.#terminal.write(line.slice(0, (this.#terminal.columns ?? 80) - 1))
    this.#isDrawn = true
  }

  #clear(): void {
    if (this.#isDrawn) this.#terminal.write('\r\x1b[K')
    this.#isDrawn = false
  }
}

function partInWords(label: string, part: { startedAt: number; counts: Counts }): string {
  const seconds = (performance.now() - part.startedAt) / 1000
  const { name, count } = unitsOf(part.counts)
  if (count === 0) return `${label} ${seconds.toFixed(0)} s`
  const rate = `${showCount((60 * count) / seconds)}/min`
  return `${label} ${seconds.toFixed(0)} s, ${showCount(count)} ${name}, ${rate}`
}
