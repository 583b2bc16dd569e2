import { cpuSecondsUsed } from './cpu-time.ts'

// Asking the kernel takes longer than many a step that is asked about.
const sampleEveryMs = 10

/** CPU time of this process and of its children that have ended, of which so much may be used. */
export class CpuBudget {
  readonly #seconds: number
  readonly #startedAt = cpuSecondsUsed()
  #sampledAtMs = 0
  #sample = 0

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  get usedSeconds(): number {
    return cpuSecondsUsed() - this.#startedAt
  }

  get isUsedUp(): boolean {
    return this.isUsedTo(1)
  }

  /** So much of the budget, 0 to 1, is used. */
  isUsedTo(part: number): boolean {
    const nowMs = performance.now()
    if (nowMs - this.#sampledAtMs >= sampleEveryMs) {
      this.#sampledAtMs = nowMs
      this.#sample = this.usedSeconds
    }
    return this.#sample >= part * this.#seconds
  }
}
