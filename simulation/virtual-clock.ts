import type { Clock, Timer } from '../lib/index.ts'

interface Alarm {
  readonly atMs: number
  readonly number: number
  readonly callback: () => void
}

/** Time that stands still until it is moved to the next timer. */
export class VirtualClock implements Clock {
  readonly #startMs: number
  #nowMs = 0
  #alarms: Alarm[] = []
  #turns: (() => void)[] = []
  #count = 0

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs
  }

  wallMs(): number {
    return this.#startMs + this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, _keepsAlive: boolean, callback: () => void): Timer {
    const alarm = { atMs: this.#nowMs + Math.max(delayMs, 0), number: this.#count++, callback }
    this.#alarms.push(alarm)
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm)
      },
    }
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve))
  }

  /** Ends the waits for a turn; false when there are none. */
  giveTurns(): boolean {
    const turns = this.#turns
    this.#turns = []
    for (const resolve of turns) resolve()
    return turns.length > 0
  }

  /** When the next timer goes off. */
  get nextMs(): number | undefined {
    return this.#next()?.atMs
  }

  /** Moves to the next timer and lets it go off, or to `limitMs` when that comes first: false. */
  advance(limitMs = Infinity): boolean {
    const next = this.#next()
    if (next === undefined || next.atMs > limitMs) {
      if (Number.isFinite(limitMs)) this.#nowMs = Math.max(this.#nowMs, limitMs)
      return false
    }
    this.#alarms = this.#alarms.filter((alarm) => alarm !== next)
    this.#nowMs = Math.max(this.#nowMs, next.atMs)
    next.callback()
    return true
  }

  #next(): Alarm | undefined {
    let next: Alarm | undefined
    for (const alarm of this.#alarms) {
      const isEarlier =
        next === undefined ||
        alarm.atMs < next.atMs ||
        (alarm.atMs === next.atMs && alarm.number < next.number)
      if (isEarlier) next = alarm
    }
    return next
  }
}
