/** CPU time of this process, user and system. */
export class CpuBudget {
  readonly #seconds: number
  readonly #startedAt = process.cpuUsage()

  constructor(seconds: number) {
    this.#seconds = seconds
  }

  get usedSeconds(): number {
    const { user, system } = process.cpuUsage(this.#startedAt)
    return (user + system) / 1e6
  }

  get isUsedUp(): boolean {
    return this.usedSeconds >= this.#seconds
  }

  /** So much of the budget, 0 to 1, is used. */
  isUsedTo(part: number): boolean {
    return this.usedSeconds >= part * this.#seconds
  }
}
